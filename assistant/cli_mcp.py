"""`assistant mcp`: the library as tools for an agent."""

import typer

from assistant.options import IndexOption, RerankerOption, SampleOption, settings

mcp_app = typer.Typer()


@mcp_app.callback(invoke_without_command=True)
def mcp(
    index: IndexOption = None,
    reranker: RerankerOption = None,
    sample: SampleOption = False,
) -> None:
    """Serve ask, search, compare, verify and status to an agent, over standard input and output."""
    from assistant import agents
    from assistant.cli import fill_with_sample, opened
    from assistant.functions import Functions

    agents.installed()
    loaded = settings(index=index, reranker=reranker)
    if sample:
        fill_with_sample(loaded)
    with opened(loaded) as parts:
        agents.server(Functions(loaded, parts)).run("stdio")
