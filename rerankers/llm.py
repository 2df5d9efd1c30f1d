"""A language model behind any OpenAI-compatible service as a reranker, behind the egress switch.

Pointwise: each passage gets a number from 0 to 10, ties keep the incoming order. Listwise: the model orders a
window of 20 passages that slides by 10 from the end of the list to its beginning (Sun et al., "Is ChatGPT
Good at Search?", EMNLP 2023); a passage's score is then minus its place.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from assistant.config import Settings
from assistant.errors import EgressRefused, ServiceError
from assistant.turns import TURNS
from assistant.types import Egress, Hit, Usage, hit_passage
from rerankers import prices, prompts
from rerankers.base import Reranker, Scored
from rerankers.service import attempt, openai_problem

WINDOW, STRIDE = 20, 10
WORKERS = 4  # calls at the same time
LONGEST = 8000  # characters of a passage; more is cut, and said so
ANSWERS = 2  # a malformed answer is asked for once more
TIMEOUT = 60.0  # seconds a call
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer and what it took; None where the service does not count tokens."""

    text: str
    finish: str
    tokens: tuple[int, int] | None


class LLM(Reranker):
    """Scores from 0 to 10 (pointwise), or minus the place from 0 (listwise).

    Raises EgressRefused unless the settings allow "llm" and name its address and model, ServiceError
    otherwise; an answer of another form is asked for once more and then an error, never a guess. 429, 5xx,
    timeouts and lost connections are tried three times. The model must answer at once: one that writes its
    reasoning first runs into the bound on the answer's length.
    """

    def __init__(
        self,
        settings: Settings,
        mode: Literal["pointwise", "listwise"] = "pointwise",
        *,
        timeout: float = TIMEOUT,
        pause: float = 0.5,
    ) -> None:
        self.name = "llm" if mode == "pointwise" else "llm-listwise"
        self.pointwise = mode == "pointwise"
        self._settings, self._timeout, self._pause = settings, timeout, pause

    @property
    def revision(self) -> str:
        return f"{self._settings.llm_model} at {self._settings.llm_url}, prompts {prompts.VERSION}"

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return list(self._scored(query, passages).scores)

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        return self._scored(query, [hit_passage(hit) for hit in hits])

    def _scored(self, query: str, passages: Sequence[str]) -> Scored:
        url, model = allowed(self._settings)
        if not passages:
            return Scored(scores=(), ranked_by=self.name)
        sent = f"the question and {len(passages)} passages"
        cut = sum(len(passage) > LONGEST for passage in passages)
        texts = [passage[:LONGEST] for passage in passages]
        import openai

        key = self._settings.llm_api_key
        with openai.OpenAI(
            api_key="none" if key is None else key.get_secret_value(),
            base_url=url,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(timeout=self._timeout, follow_redirects=False),
        ) as client:
            client.organization = client.project = None  # or they come from another program's environment
            talk = _Talk(client, model, sent, self._pause)
            scores = talk.rate(query, texts) if self.pointwise else talk.sort(query, texts)
        table = prices.load(self._settings.prices)
        return Scored(
            scores=tuple(scores),
            ranked_by=self.name,
            degraded=(f"{cut} passages were cut to {LONGEST} characters",) if cut else (),
            egress=(Egress(service="llm", what=sent),),
            usage=used(talk.replies, model, table),
        )


class _Talk:
    """The calls for one question."""

    def __init__(self, client: Any, model: str, sent: str, pause: float) -> None:
        self._client, self._model, self._sent, self._pause = client, model, sent, pause
        self.replies: list[_Reply] = []

    def rate(self, query: str, passages: Sequence[str]) -> list[float]:
        """A number for each passage, several asked for at a time."""

        def one(passage: str) -> float:
            return self._ask(prompts.pointwise(query, passage), prompts.number, longest=8)

        with TURNS.aside(), ThreadPoolExecutor(WORKERS) as workers:
            futures = [workers.submit(one, passage) for passage in passages]
            try:
                return [future.result() for future in futures]
            finally:
                for future in futures:
                    future.cancel()

    def sort(self, query: str, passages: Sequence[str]) -> list[float]:
        """Minus the place of each passage after the windows have passed."""
        order = list(range(len(passages)))
        begin = max(0, len(order) - WINDOW)
        while True:
            window = order[begin : begin + WINDOW]
            prompt = prompts.listwise(query, [passages[i] for i in window])

            def read(answer: str, count: int = len(window)) -> list[int]:
                return prompts.order(answer, count)

            places = self._ask(prompt, read, longest=16 + 8 * len(window))
            order[begin : begin + WINDOW] = [window[place] for place in places]
            if begin == 0:
                break
            begin = max(0, begin - STRIDE)
        scores = [0.0] * len(order)
        for place, i in enumerate(order):
            scores[i] = -float(place)
        return scores

    def _ask(self, prompt: tuple[str, str], read: Callable[[str], _T], *, longest: int) -> _T:
        """What `read` makes of the answer. `longest` in tokens."""
        system, user = prompt

        def call() -> Any:
            return self._client.chat.completions.create(
                model=self._model,
                messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                temperature=0,
                max_tokens=longest,
            )

        problem = ""
        for _ in range(ANSWERS):
            reply = self._reply(
                attempt(call, lambda error: openai_problem("llm", error, self._sent), self._pause)
            )
            self.replies.append(reply)
            if reply.finish != "stop":
                problem = f"the answer is not whole (finish reason {reply.finish[:40]!r})"
                continue
            try:
                return read(reply.text)
            except ValueError as error:
                problem = str(error)
        raise ServiceError(f"llm: a malformed answer, {ANSWERS} times: {problem}", sent=self._sent)

    def _reply(self, reply: Any) -> _Reply:
        """Raises ServiceError for what is not a chat completion with one choice."""
        choices = getattr(reply, "choices", None)
        message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
        text = getattr(message, "content", None)
        if not isinstance(choices, list) or len(choices) != 1 or not isinstance(text, str):
            raise ServiceError("llm: a malformed reply: not one choice with text", sent=self._sent)
        usage = getattr(reply, "usage", None)
        counts = (getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None))
        whole = all(type(count) is int and count >= 0 for count in counts)
        return _Reply(text, str(choices[0].finish_reason), counts if whole else None)  # type: ignore[arg-type]


def used(replies: Sequence[_Reply], model: str, table: prices.Prices) -> Usage:
    """Calls, tokens and money; money is None when a reply does not tell its tokens."""
    tokens = [reply.tokens for reply in replies if reply.tokens is not None]
    usage = Usage(
        calls=len(replies), input_tokens=sum(a for a, _ in tokens), output_tokens=sum(b for _, b in tokens)
    )
    return table.priced(model, usage) if len(tokens) == len(replies) else usage


def allowed(settings: Settings) -> tuple[str, str]:
    """Address and model. Raises EgressRefused, with what to set, when they may not be used."""
    if "llm" not in settings.egress:
        raise EgressRefused('llm sends question and passages away; allow it with egress = ["llm"]')
    if settings.llm_url is None:
        raise EgressRefused("llm has no address: set ASSISTANT_LLM_URL")
    if settings.llm_model is None:
        raise EgressRefused("llm has no model: set ASSISTANT_LLM_MODEL")
    return settings.llm_url, settings.llm_model
