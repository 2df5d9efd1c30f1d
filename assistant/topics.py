"""What a question is about: its drug, its condition, whom it is asked for, and what is asked of it.

Word lists and endings of international nonproprietary names (WHO's stems); what no list knows is taken for a
thing of its own, so that a question that names one is never read as a follow-up.
"""

import re
from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AUXILIARIES = _words(
    """
    is are was were be been do does did can could should shall will would may might must has have had am
    """
)
ASKING = _words(
    """
    what which who whom whose when where why how
    """
)
PREPOSITIONS = _words(
    """
    in for during with without after before among at on under over despite by of to from against about
    between versus vs than as per through via until within following while
    """
)
PLACING = _words(
    """
    in for during after before among at on under with without following despite while
    """
)
FUNCTION = (
    AUXILIARIES
    | ASKING
    | PREPOSITIONS
    | _words(
        """
    a an the this that these those it its they them their there he she his her you your i we my our me
    us and or but so then also if else any some all each every both either neither not no nor only just
    even more most less least much many few very too quite same other another such own ever still yet
    again now here up down out off often long soon far well please one ones instead already usually
    generally normally typically really exactly compared compare relative anything something else ok
    okay thanks
    """
    )
)
ASPECTS = _words(
    """
    dose doses dosage dosages dosing regimen regimens schedule route half-life onset duration frequency
    interval effect effects side adverse reaction reactions event events harm harms risk risks toxicity
    benefit benefits contraindication contraindications indication indications interaction interactions
    precaution precautions mechanism action mode pharmacology pharmacokinetics metabolism clearance
    bioavailability absorption excretion treatment treatments therapy therapies management drug drugs
    medication medications medicine medicines agent agents option options alternative alternatives
    choice choices first-line second-line third-line first second line diagnosis diagnostic test tests
    testing work-up workup symptom symptoms sign signs feature features cause causes prognosis outcome
    outcomes complication complications prevention prophylaxis prevalence incidence epidemiology
    evidence guideline guidelines recommendation recommendations trial trials study studies monitoring
    follow-up antidote reversal overdose cost costs efficacy effectiveness safety tolerability loading
    maintenance maximum minimum starting initial usual recommended standard daily target level levels
    criteria threshold difference differences advantage advantages disadvantage disadvantages definition
    role use administration factor factors screening stage stages severity red flags differential
    pathophysiology mortality survival adjustment adjustments problem problems issue issues limit limits
    combination
    """
)
ACTS = _words(
    """
    change changes changed benefits reduce reduces reduced increase increases increased prevent prevents
    prevented treat treats treated cause causes caused improve improves improved lower lowers lowered
    raise raises raised interact interacts interacted help helps helped work works worked affect affects
    affected decrease decreases decreased used using uses give gives given giving take takes taken
    taking continue continued continuing stop stopped stopping start started starting dosed adjust
    adjusted adjusting monitor monitored monitoring diagnose diagnosed manage managed recommend
    recommended contraindicated indicated avoid avoided avoiding need needed require required last lasts
    lasting act acts differ differs apply applies matter matters mean means happen happens occur occurs
    repeat repeated combine combined prescribe prescribed administer administered measure measured check
    checked expect expected consider considered switch switched receive receives received get gets make
    makes know known show shown shows delay delayed withhold withheld hold held resume resumed restart
    restarted tolerate tolerated safe unsafe effective ineffective better worse best superior inferior
    useful harmful beneficial dangerous common rare necessary important possible advisable appropriate
    acceptable available preferred likely true enough different similar equivalent high low higher lower
    large small early late quickly fast slow oral orally intravenous intravenously iv po serious severe
    mild main major minor new there's lead leads result results associated related due compared relevant
    worth okay fine allowed licensed approved cured curable contagious hereditary inherited fatal
    transmitted reversible treatable preventable
    """
)
PEOPLE = _words(
    """
    patient patients people person persons individuals adult adults child children infant infants
    neonate neonates newborn newborns baby babies toddler toddlers adolescent adolescents teenager
    teenagers paediatric pediatric elderly older old young younger woman women man men male males female
    females pregnancy pregnant breastfeeding breast-feeding lactation lactating nursing mothers
    trimester geriatric premature preterm postmenopausal smokers athletes aged age years year-old
    octogenarians those
    """
)
COMORBID = _words(
    """
    renal kidney hepatic liver impairment failure insufficiency dysfunction ckd dialysis haemodialysis
    hemodialysis cirrhosis obesity obese overweight underweight egfr disease chronic moderate end-stage
    frailty frail transplant g6pd
    """
)

OUTCOMES = _words(
    """
    bleeding haemorrhage hemorrhage death deaths stroke strokes infarction hospitalisation
    hospitalization hospitalisations hospitalizations fractures falls pain relapse recurrence admission
    admissions exacerbations mortality survival thrombosis embolism hypoglycaemia hypoglycemia nausea
    vomiting weight quality life
    """
)

_DRUG = re.compile(
    r"(?:[a-z][a-z0-9-]*(?:mab|nib|statin|pril|sartan|olol|azole|cillin|mycin|micin|floxacin|gliptin"
    r"|gliflozin|glutide|xaban|gatran|parin|prazole|tidine|dipine|triptan|setron|vir|formin|glitazone"
    r"|azepam|zolam|oxetine|profen|caine|curonium|solone|sone|onide|terol|tropium|dronate|cycline|cef\w*"
    r"|thiazide|semide|lukast|afil|zosin|steride|oxacin|bactam|penem|tretinoin|platin|taxel|rubicin"
    r"|trexate|purine|amide|ampicillin|oxide|barbital|therapy|etine|apine|idone|piprazole|racetam"
    r"|gabalin|pentin|stigmine|lactone|trel|estrel)s?|cef[a-z]+|warfarin|aspirin|heparins?|insulins?"
    r"|lithium|digoxin|morphine|codeine|fentanyl|oxycodone|tramadol|amiodarone|methotrexate"
    r"|levothyroxine|paracetamol|acetaminophen|colchicine|allopurinol|clopidogrel|prasugrel|ticagrelor"
    r"|tamoxifen|hydroxychloroquine|naloxone|ketamine|propofol|adrenaline|epinephrine|noradrenaline"
    r"|vancomycin|gentamicin|nitrofurantoin|trimethoprim|isoniazid|valproate|phenytoin|lamotrigine"
    r"|carbamazepine|levodopa|sertraline|mirtazapine|venlafaxine|duloxetine|lorazepam|nitroglycerin"
    r"|hydralazine|methyldopa|labetalol|magnesium|potassium|iron|zinc|estrogen|oestrogen|testosterone"
    r"|progesterone|cannabidiol|nsaids?|ssris?|snris?|statins?|ppis?|opioids?|corticosteroids?|steroids?"
    r"|antibiotics?|anticoagulants?|antidepressants?|antipsychotics?|diuretics?|vaccines?|probiotics"
    r"|doacs?|noacs?|inhibitors?|blockers?|agonists?|antagonists?|ibuprofen|naproxen|diclofenac"
    r"|melatonin|cetirizine|loratadine|metoclopramide)"
)
_VITAMIN = re.compile(r"vitamin|acid|oil|vaccin\w*")
_WORD = re.compile(r"[^\W_](?:(?:[\w*+'’/.%]|-(?!-))*[\w*+%])?")


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of words that name a thing, and the preposition before it."""

    start: int
    end: int
    text: str
    before: str = ""

    @property
    def words(self) -> list[str]:
        return [w.low for w in words(self.text)]

    @property
    def drug(self) -> bool:
        return is_drug(self.text)

    @property
    def population(self) -> bool:
        return all(w in PEOPLE | COMORBID | FUNCTION or w[0].isdigit() for w in self.words)


def words(text: str) -> list[Word]:
    return [Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text)]


def is_drug(text: str) -> bool:
    return any(_DRUG.fullmatch(w.low) or _VITAMIN.fullmatch(w.low) for w in words(text))


def phrases(text: str) -> list[Phrase]:
    """Runs of words that are neither function words nor aspects nor acts, in order."""
    found: list[Phrase] = []
    run: list[Word] = []
    before = last = ""

    def close() -> None:
        if run:
            start, end = run[0].start, run[-1].end
            found.append(Phrase(start, end, text[start:end], before))
            run.clear()

    end = 0
    for word in words(text):
        if run and re.search(r"[,;:?()]", text[end : word.start]):
            close()
            last = ""
        if word.low in FUNCTION | ASPECTS | ACTS:
            close()
            last = (
                word.low if word.low in PREPOSITIONS else "" if word.low not in ("the", "a", "an") else last
            )
        else:
            if not run:
                before = last
            run.append(word)
            last = ""
        end = word.end
    close()
    return found


def head(text: str, *, condition: bool = False, single: bool = False) -> Phrase | None:
    """The thing that the question is about: its first drug, else what stands behind "of" or "for", else the
    first that is no population; with `condition` the first of those that is no drug, with `single` rather one
    that is no plural."""
    things = [p for p in phrases(text) if not p.population]
    drugs = [p for p in things if p.drug]
    others = [p for p in things if not p.drug]
    bound = [p for p in others if p.before in ("of", "for", "with", "against", "in")]
    order = [*bound, *others, *drugs] if condition else [*drugs, *bound, *others, *phrases(text)]
    if single:
        order.sort(key=lambda p: bool(re.search(r"[^siu]s$", p.text)) and not p.drug)
    return order[0] if order else None
