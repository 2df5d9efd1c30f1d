"""`assistant mcp`: the library as tools for an agent."""

import typer

from assistant.options import IndexOption, RerankerOption, settings

mcp_app = typer.Typer()


@mcp_app.callback(invoke_without_command=True)
def mcp(index: IndexOption = None, reranker: RerankerOption = None) -> None:
    """Serve ask, search, compare, verify and status to an agent, over standard input and output."""
    from assistant import agents, build
    from assistant.functions import Functions

    agents.installed()
    loaded = settings(index=index, reranker=reranker)
    library, encoder = build.open_library(loaded)
    with library:
        agents.server(Functions(loaded, build.parts(loaded, library, encoder))).run("stdio")
