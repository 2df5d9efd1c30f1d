"""What is no question for a library of clinical literature, said calmly and with what can be done instead.

Fixed patterns, each narrow: a clinical question that is declined does more harm than chatter that is
searched, which finds nothing and is answered so. A question about emergencies passes; the report of one that
is happening does not.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["emergency", "act", "image", "greeting", "not clinical"]


@dataclass(frozen=True, slots=True)
class Outside:
    kind: Kind
    note: str  # for a reader


ABLE = (
    "Ask a clinical question, and it answers with sentences from the sources in its library, each with its "
    'reference, for example: "Can metformin be continued when the eGFR falls below 30?"'
)
NOTES: dict[Kind, str] = {
    "emergency": (
        "This reads like an emergency that is happening now. Follow your local emergency protocol and call "
        "the resuscitation team or the emergency number. This tool looks things up in a library and cannot "
        "guide care at the bedside. It can say what the sources state, if you ask in general terms: "
        '"Which drugs are given in ventricular fibrillation that persists after shocks?"'
    ),
    "act": (
        "This tool does not prescribe, order, book, send or write into records. It can look up what the "
        "sources in its library say beforehand: doses, interactions, contraindications, what to monitor."
    ),
    "image": (
        "This tool reads text only: no images, ECGs, waveforms or other signals. If you describe the finding "
        'in words, it can look up what the sources say about it, for example: "What does ST elevation in aVR '
        'suggest?"'
    ),
    "greeting": "This tool looks things up in a library of clinical sources. " + ABLE,
    "not clinical": "This is not a clinical question, and the library has only clinical sources. " + ABLE,
}

_ONE = (
    r"(?:my|our|this|the|a) (?:patient|pt|baby|child|husband|wife|mother|father|mum|mom|dad|son|"
    r"daughter|friend|colleague)"
)
_PERSON = (
    rf"(?:{_ONE}|i have (?:a|an) [\w\s,-]{{0,40}}?(?:patient|pt|man|woman|child|boy|girl|infant)?|"
    r"he|she|someone)"
)
_GRAVE = (
    r"(?:in (?:vf|pvt|v-?fib|vtach|vt|pea|asystole|(?:cardiac|respiratory) arrest|status epilepticus|"
    r"anaphyla\w+|"
    r"extremis)|arrest(?:ing|ed)|pulseless|unresponsive|un?conscious|not breathing|apn(?:o?e)ic|"
    r"(?:crash|cod|chok|seiz|convuls|fitt|collaps|dy|bleed)ing(?: out)?|collapsed|"
    r"(?:stopped|can(?:no|')?t stop) (?:breathing|seizing|bleeding)|peri-?arrest|turning blue|desaturating|"
    r"without a pulse|no pulse|no longer breathing|having an? (?:seizure|fit|arrest|cardiac arrest|"
    r"anaphyla\w+)|"
    r"having seizures?)"
)
_NOW = (
    r"(?:now|right now|currently|at the moment|as we speak|in front of me|just|urgent(?:ly)?|asap|"
    r"stat|help|quick(?:ly)?|"
    r"hurry|what (?:do|should|can) (?:i|we) do|what (?:now|next))"
)
_IS = r"(?:'s| is| has| just| went| is now| has just| was just| keeps| won't stop| has no| with)"
_SIGNAL = (
    r"(?:ecgs?|ekgs?|electrocardiograms?|x-?rays?|radiographs?|cxr|(?:ct|mri|pet|mr) (?:scans?|"
    r"images?)|scans?|"
    r"images?|pictures?|photos?|photographs?|rhythm strips?|waveforms?|tracings?|eeg|ultrasounds?|"
    r"dicom|screenshots?)"
)
_POLITE = (
    r"(?:(?:hi|hello|hey)[,!. ]+)?(?:please |kindly |now )?(?:(?:can|could|would|will) you (?:please )?|"
    r"i (?:want|need|would like) you to |i'd like you to |go ahead and |help me (?:to )?)?(?:please )?"
)
_HIM = (
    r"(?:(?:my|this|the|our) (?:patient|pt)(?:'s)?(?! (?:with|who|population|group)\b)|him|her|me|"
    r"mr\.?|mrs\.?|ms\.?|"
    r"(?:bed|room|ward) \d+)"
)
_PAPER = (
    r"(?:prescriptions?|scripts?|rx|referrals?|referral letters?|sick notes?|fit notes?|"
    r"discharge (?:letters?|summar\w+)|"
    r"order sets?|lab orders?|requisitions?|consent forms?|prior authori[sz]ations?)"
)

_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("emergency", rf"\b{_PERSON}{_IS}? (?:\w+ ){{0,2}}?{_GRAVE}\b(?=.*\b{_NOW}\b)"),
    ("emergency", rf"\b{_NOW}\b.{{0,20}}?\b(?:my|our|this) (?:patient|pt){_IS} (?:\w+ ){{0,2}}?{_GRAVE}\b"),
    (
        "emergency",
        rf"^(?:patient|pt|child|baby|infant|"
        rf"adult){_IS}?,? (?:\w+ ){{0,2}}?{_GRAVE}\b(?=.*\b{_NOW}\b)",
    ),
    ("emergency", rf"\b(?:my|our) (?:patient|pt|baby|child)(?: has| is)? (?:now |just )+{_GRAVE}\b"),
    (
        "emergency",
        r"\b(?:my|our) (?:patient|pt|baby|child)(?: is| has)? (?:not breathing|"
        r"stopped breathing|no pulse|crashing|"
        r"arresting|pulseless|choking)\b",
    ),
    (
        "emergency",
        r"\bcode blue\b.{0,20}\b(?:now|help|what)\b|\bwe(?:'re| are) (?:coding|doing cpr on|"
        r"resuscitating) (?:a|my|our|the)\b",
    ),
    ("emergency", rf"^(?:help[,!. ]+|urgent[,:!. ]+).{{0,40}}\b{_GRAVE}\b"),
    (
        "emergency",
        r"\b(?:i (?:want|am going|'m going|plan) to|i will) (?:kill|hurt|harm) myself\b|"
        r"\bi am suicidal\b",
    ),
    (
        "emergency",
        r"\bi(?:'m| am) having (?:a (?:heart attack|stroke)|"
        r"(?:crushing )?chest pain(?: right)? now)\b",
    ),
    (
        "emergency",
        r"\b(?:i|he|she|my \w+) (?:have |has )?just (?:took|taken|swallowed|"
        r"overdosed on)\b.{0,60}"
        r"\b(?:overdose|\d+ (?:tablets|pills|capsules)|whole (?:bottle|box|packet)|bleach)\b",
    ),
    (
        "image",
        rf"\b(?:interpret|read|analy[sz]e|look at|review|describe|evaluate|check|"
        rf"diagnose(?: from)?|report) "
        rf"(?:on )?(?:(?:this|these|the attached|the following|my|his|her|attached|the uploaded) )"
        rf"(?:[\w-]+ ){{0,3}}?{_SIGNAL}\b",
    ),
    (
        "image",
        rf"\bwhat (?:does|do|is|can|you see).{{0,20}}?\b(?:this|these|the attached|attached|"
        rf"the uploaded|uploaded) "
        rf"(?:[\w-]+ ){{0,3}}?{_SIGNAL}\b",
    ),
    (
        "image",
        rf"\b(?:attached|uploaded|enclosed|pasted) (?:is |are |an? |the |my |his |"
        rf"her )?(?:[\w-]+ ){{0,3}}?{_SIGNAL}\b",
    ),
    (
        "act",
        rf"^{_POLITE}(?:write|draft|print|issue|renew|refill|sign|fill (?:out|in)|generate|"
        rf"prepare|create|send|"
        rf"submit|fax)(?: (?:up|me|him|her|out|in|a|an|the|my|this|new|"
        rf"repeat))* (?:[\w-]+ ){{0,3}}?{_PAPER}\b",
    ),
    (
        "act",
        rf"^{_POLITE}(?:book|schedule|arrange|cancel|reschedule|make)(?: (?:me|him|her|us|a|an|"
        rf"the|my|this|patient))+ "
        rf"(?:[\w-]+ ){{0,4}}?(?:appointments?|follow-?ups?|visits?|scans?|mri|ct|theatre|slots?|"
        rf"beds?|clinics?|colonoscopy|echo)\b"
        r"(?!.*\b(?:when|should|recommended|indicated)\b)",
    ),
    (
        "act",
        rf"^{_POLITE}(?:prescribe|order|e-?prescribe|dispense|"
        rf"administer)\b(?! of\b).{{0,80}}?\b(?:for|to) {_HIM}(?!\w)",
    ),
    (
        "act",
        rf"^{_POLITE}(?:prescribe|order|dispense|refer|admit|discharge|page|call|e-?mail|text|"
        rf"phone) {_HIM}(?!\w)",
    ),
    (
        "act",
        rf"^{_POLITE}(?:give|start|inject) {_HIM}(?!\w).{{0,80}}\b(?:now|stat|immediately|"
        rf"tonight)[.!]?$|^{_POLITE}call (?:an ambulance|911|999|112)\b",
    ),
    (
        "act",
        rf"^{_POLITE}(?:send|transmit|forward|e-?mail|fax)\b.{{0,60}}?\bto (?:the |my |his |her |our )?"
        r"(?:pharmacy|pharmacist|lab|laboratory|ward|gp|cardiologist|radiology|patient|insurance|"
        r"insurer|nurse)\b",
    ),
    (
        "act",
        rf"^{_POLITE}(?:increase|decrease|stop|start|change|update|adjust|enter|document|add|"
        rf"chart|record)\b.{{0,60}}?"
        r"\b(?:in|to|on) (?:the |my |his |her )?(?:chart|emr|ehr|medical record|patient record|"
        r"medication list|drug chart|mar)\b"
        r"(?!.*\?$)",
    ),
    ("act", r"^(?:please )?(?:set|remind)\b.{0,20}\b(?:reminder|alarm|timer|me (?:to|at|in))\b"),
    (
        "greeting",
        r"^(?:(?:hi|hello|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|howdy|"
        r"thanks?(?: you)?(?: (?:so|very) much)?|"
        r"cheers|bye|goodbye|ok(?:ay)?|yo|there|doctor|assistant|bot|everyone|again|"
        r"a lot)[\s,!.?]*)+$",
    ),
    (
        "greeting",
        r"^(?:hi|hello|hey)?[\s,!.]*(?:how are you(?: (?:doing|today))*|who (?:are|made|"
        r"built) you|what(?:'s| is) your name|"
        r"what (?:can|do) you (?:do|know)|how do(?:es)? (?:you|this) work|"
        r"are you (?:an? )?(?:ai|bot|robot|human|doctor|chatgpt)|"
        r"help|test(?:ing)?|what are you)[\s?!.]*$",
    ),
    (
        "not clinical",
        r"\b(?:what(?:'s| is| will)|how(?:'s| is)|will|is) (?:the |"
        r"it )?(?:be )?(?:weather|forecast)\b(?!.*\b(?:effect|affect|pain|asthma|"
        r"migraine|arthritis|disease|influence)\w*)|\bwill it (?:rain|snow)\b|"
        r"\bweather (?:in|for|forecast|today|tomorrow)\b",
    ),
    (
        "not clinical",
        r"\b(?:tell|give|make|know|write|sing|compose)\b(?: \w+){0,3}? (?:jokes?|"
        r"riddles?|poems?|haikus?|limericks?|songs?|"
        r"bedtime stor(?:y|ies)|fairy tales?)\b",
    ),
    (
        "not clinical",
        r"\b(?:how (?:do|can|to)|what is|explain|fix|error)\b.{0,60}\b(?:in|"
        r"my) (?:python|javascript|typescript|c\+\+|c#|sql|"
        r"css|bash|golang|php|kotlin|perl)\b",
    ),
    (
        "not clinical",
        r"\b(?:write|debug|fix|refactor|code|implement)\b.{0,50}\b(?:in|using|"
        r"with) (?:python|java|javascript|typescript|c\+\+|"
        r"c#|sql|html|css|bash|golang|php|kotlin|perl)\b|^(?:write|debug|fix|refactor|"
        r"implement) (?:a|an|the|my|this|some) "
        r"(?:[\w-]+ ){0,3}?(?:function|code|script|program|sorting algorithm|web ?site|"
        r"unit test)\b",
    ),
    (
        "not clinical",
        r"\bwho (?:won|will win|is winning|painted|wrote|directed|composed|invented|"
        r"starred|sang)\b.{0,60}"
        r"\b(?:cup|bowl|league|match|game|election|championship|ceiling|mona lisa|novel|"
        r"book|film|movie|song|symphony|opera|"
        r"play|hamlet|painting|telephone|light bulb|series|race|oscars?)\b",
    ),
    (
        "not clinical",
        r"\b(?:what|which)(?:'s| is) the (?:capital|population|currency|tallest|longest|"
        r"largest city|president|national anthem|flag)"
        r"(?: \w+)? (?:of|in) (?!patients|the (?:study|trial|patients))|"
        r"\bwho is the (?:current )?(?:president|king|queen|prime minister|pope|"
        r"chancellor) (?:of|in)\b|^who is the pope\b",
    ),
    (
        "not clinical",
        r"\b(?:stock price|share price|bitcoin|ethereum|cryptocurrenc(?:y|ies)|"
        r"lottery numbers?|exchange rate|horoscope)\b",
    ),
    ("not clinical", r"^(?:what(?:'s| is) )?[\d\s.+*/^()=-]*\d\s*[+*/^-]\s*\d[\d\s.+*/^()=?-]*$"),
    (
        "not clinical",
        r"^(?:what(?:'s| is) the (?:time|date|day)|what (?:time|day|"
        r"date) is it)(?: (?:now|today|is it|in \w+))*[\s?.!]*$",
    ),
    ("not clinical", r"^(?:please |can you )?book (?:me )?an? (?:flight|hotel|table|taxi|train)\b"),
    ("not clinical", r"\b(?:recipe for|how (?:do|can|should) (?:i|you) (?:cook|bake|grill|roast))\b"),
    (
        "not clinical",
        r"^(?:please )?(?:translate)\b.{0,400}\b(?:in)?to (?:english|french|german|"
        r"spanish|italian|chinese|japanese|latin|russian|arabic)\b",
    ),
    (
        "not clinical",
        r"^(?:please )?(?:play|recommend|suggest)\b.{0,30}\b(?:music|song|movie|film|"
        r"restaurant|hotel|playlist|video game|tv series)s?\b",
    ),
    (
        "not clinical",
        r"\bhow (?:do|can) i (?:change a tyre|change a tire|fix my car|"
        r"file (?:my )?tax(?:es)?|reset my password|install (?:windows|linux))\b",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)


def outside(question: str) -> Outside | None:
    """Why a question is not one to search for, with the note for a reader; None when it is one."""
    said = " ".join(question.lower().replace("’", "'").split())
    for kind, pattern in _COMPILED:
        if pattern.search(said):
            return Outside(kind, NOTES[kind])
    return None
