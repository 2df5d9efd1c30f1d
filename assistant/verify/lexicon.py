"""The words that verification knows, as data: change a table here and nothing else.

Words are written as found in text, in lower case; `reading` brings them to stems.
"""

from types import MappingProxyType

STOP = frozenset(
    """
    a about above across after again against all also although am among an and another any are as at
    be because been before being below between both but by can could did do does doing done due
    during each either etc even ever every for found from further furthermore had has have having he her here
    hers him his how however i if in indeed into is it its itself just later latter like many may me
    might more moreover most much must my no nor not of often on once only onto or other others our
    out over own per please rather s same several she should show showed shown shows since so some
    still such t than that the their theirs them then there thereby therefore these they this those
    though through throughout thus to together too toward towards under until up upon us use used
    uses using very via vs versus was we well were what when where whereas whether which while who
    whom whose why will with within without would yes yet you your respectively et al compared
    """.split()  # noqa: SIM905 - a table is read as words
)

GENERIC = frozenset(
    """
    able act activity addition additional agent analysis approach appear area aspect associate
    association available based basis become begin call case cause certain change characterize
    clinical combination common comparison component condition consider consist contain contribute
    currently data define demonstrate depend describe design determine develop development different
    disease disorder drug effect evaluate evidence examine example exist factor feature finding
    follow form function general give group help identify important include indicate individual
    information investigate involve key know known large lead level main major make mechanism
    mediate medical method new number observe obtain occur participant patient people person play
    possible potential presence present previous process produce provide range receive recent regard
    related relationship report represent require research result reveal role sample serve set
    severe show significant significantly similar specific start state study subject suggest system
    take target term test therapy thing time treat treatment trial type undergo understand various
    way work
    """.split()  # noqa: SIM905
)

# Words that stand for one another when coverage is counted: the first is what the others become.
SYNONYMS = tuple(
    tuple(line.split())
    for line in """
        patient people person individual subject participant case
        treatment treat therapy therapeutic management
        drug medication medicine agent
        child children pediatric paediatric
        infant newborn neonate neonatal
        elderly older aged geriatric
        woman women female
        man men male
        pregnancy pregnant gestation gestational
        kidney renal nephro
        liver hepatic
        heart cardiac cardio
        lung pulmonary
        brain cerebral
        cancer tumor tumour carcinoma neoplasm malignancy
        mouse mice murine
        rat rats
        death mortality die fatal
        illness disease disorder condition syndrome
        reduce decrease lower decline diminish fall fewer less smaller reduction
        increase raise rise rose risen higher greater elevate more larger elevation
        cause lead induce result
        mutation mutate variant
        stop discontinue cease withdraw
        start initiate begin commence
        show demonstrate reveal indicate suggest
        help assist aid
        kind type class
        happen occur arise
        protect protective protection
        bleeding hemorrhage haemorrhage bleed
        hypertension hypertensive
        stroke strokes
        approve approval licensed license
        inhibit inhibitor inhibition inhibitory
        located localized localised located reside
        main major chief principal
        symptom sign manifestation
        year annual annually
        day daily
        week weekly
        month monthly
    """.strip().splitlines()
)

# axis: words of one sign, words of the other. A swap inside an axis turns a statement round.
AXES = MappingProxyType(
    {
        "amount": (
            """
            increase increased increases increasing increasingly elevate elevated elevation raise
            raised raising rise rises rising rose risen higher greater greatest more
             larger largest upregulate upregulated upregulates upregulation enhance enhanced
            enhances enhancement augment augmented amplify amplified overexpressed overexpression
            gain gains grew grow growth heightened heighten elevates elevating upregulating
            enhancing longer prolong prolonged prolongs prolongation faster accelerate accelerated
            accelerates promote promotes promoted promoting promotion stimulate stimulates
            stimulated stimulation activate activates activated activating activation excess
            exceeded exceeds induces stronger wider heavier
            older deeper quicker quickly
            """,
            """
            decrease decreased decreases decreasing reduce reduced reduces reducing reduction
            reductions lower lowers lowered lowering less fewer fewest smaller
            smallest downregulate downregulated downregulates downregulation downregulating diminish
            diminished diminishes decline declined declines declining attenuate attenuated
            attenuates attenuation underexpressed drop dropped fall falls fell fallen loss lost lose
            shorter shorten shortened shortens slower slowed decelerate suppress suppresses
            suppressed suppressing suppression inhibit inhibits inhibited inhibiting inhibition
            prevent prevents prevented preventing prevention block blocks blocked deficiency
            deficient deplete depleted depletion abolish abolished abolishes
            lessen lessened alleviate alleviates alleviated mitigate mitigates repress represses
            repressed repression deactivate deactivates inactivate inactivates inactivated
            inactivation delay delayed delays weaker narrower lighter
            younger shallower discourage discourages impede impedes hinder
            hinders
            """,
        ),
        "level": (
            """high highest higher strong stronger strongly frequent frequently maximum maximal rapid rapidly
            abundant most""",
            """low lowest lower weak weaker weakly rare rarely infrequent minimum minimal slow slowly scarce
            least""",
        ),
        "benefit": (
            """
            effective effectively efficacious effectiveness beneficial benefit benefits improve
            improved improves improving improvement improvements better best superior superiority
            safe safely favorable favourable favorably advantageous helpful useful successful
            successfully well-tolerated ameliorate ameliorated ameliorates recommended recommend
            recommends protective protect protects protected efficient efficiently appropriate
            favors favours advantage succeeded
            """,
            """
            ineffective ineffectively inefficacious harmful harm harms worsen worsened worsens
            worsening worse worst inferior inferiority unsafe unfavorable unfavourable deteriorate
            deteriorated deteriorates deterioration detrimental useless unsuccessful unsuccessfully
            poorly-tolerated aggravate aggravated aggravates exacerbate exacerbated exacerbates
            exacerbation contraindicated discouraged deleterious inefficient inappropriate
            disadvantage adverse damaging failed
            """,
        ),
        "test": ("positive positively", "negative negatively inverse inversely"),
        "response": (
            "sensitive sensitivity susceptible susceptibility responsive",
            "resistant resistance refractory insensitive unresponsive",
        ),
        "binding": ("agonist agonists agonism", "antagonist antagonists antagonism"),
        "order": (
            "before prior preceding precedes earlier early pre upstream first initial",
            "after following subsequent later late post downstream last final",
        ),
        "course": ("acute", "chronic"),
        "malignancy": ("benign", "malignant"),
        "inheritance": ("dominant", "recessive"),
        "finding": ("present presence", "absent absence"),
        "charge": ("hypermethylated hypermethylation", "hypomethylated hypomethylation"),
        "pressure": ("hypertension hypertensive", "hypotension hypotensive"),
        "sugar": ("hyperglycemia hyperglycaemia", "hypoglycemia hypoglycaemia"),
        "potassium": ("hyperkalemia hyperkalaemia", "hypokalemia hypokalaemia"),
        "sodium": ("hypernatremia hypernatraemia", "hyponatremia hyponatraemia"),
        "thyroid": ("hyperthyroidism hyperthyroid", "hypothyroidism hypothyroid"),
        "calcium": ("hypercalcemia hypercalcaemia", "hypocalcemia hypocalcaemia"),
        "speed": ("tachycardia", "bradycardia"),
        "likely": ("likely probable common commonly", "unlikely improbable uncommon uncommonly"),
        "ability": ("able", "unable"),
        "effect": ("affected", "unaffected unchanged"),
        "certainty": ("certain clear known established", "uncertain unclear unknown unestablished"),
        "control": ("controlled", "uncontrolled"),
        "treated": ("treated", "untreated"),
        "stable": ("stable", "unstable"),
        "normal": ("normal normally", "abnormal abnormally"),
        "regular": ("regular", "irregular"),
        "dependent": ("dependent dependently", "independent independently"),
        "direct": ("direct directly", "indirect indirectly"),
        "reversible": ("reversible reversibly", "irreversible irreversibly"),
        "complete": ("complete completely", "incomplete incompletely"),
        "invasive": ("invasive", "noninvasive non-invasive"),
        "expected": ("expected", "unexpected"),
        "related": ("related", "unrelated"),
        "necessary": ("necessary", "unnecessary"),
        "active": ("active", "inactive"),
        "coding": ("coding", "noncoding"),
        "open": ("start starts started initiate initiated", "stop stops stopped discontinue discontinued"),
        "allow": ("allowed permitted", "forbidden prohibited"),
        "direction": ("agree agrees agreed accept accepted", "disagree disagrees reject rejected"),
    }
)

# Opposites that count only where one stands in the other's place
SWAPS = (
    ("risk risks hazard", "protection protective benefit safety"),
    ("only", "not"),
    ("before", "after"),
    ("with", "without"),
    ("and", "nor"),
    ("all every always", "none never no"),
    ("most majority many", "few minority"),
    ("first", "second last"),
    ("primary", "secondary"),
    ("early", "late"),
    (
        "oral orally",
        "intravenous intravenously subcutaneous subcutaneously intramuscular topical topically inhaled",
    ),
    ("intravenous intravenously iv", "subcutaneous subcutaneously intramuscular oral orally topical inhaled"),
    ("left", "right"),
    ("upper", "lower"),
    ("maternal", "paternal"),
    ("gain", "loss"),
    ("enhanced enhances enhance", "impaired impairs impair"),
    ("overexpression overexpressed", "underexpression underexpressed"),
    ("cause causes caused", "prevent prevents prevented cure cures"),
    ("activator activators", "inhibitor inhibitors"),
    ("oncogene", "suppressor"),
    ("homozygous", "heterozygous"),
    ("systolic", "diastolic"),
    ("bacterial", "viral fungal"),
    ("always", "sometimes"),
)

ROUTES = MappingProxyType(
    {
        "oral": r"oral(?:ly)?|by mouth|per os|p\.?o\.?|tablets?|capsules?|pills?|dietary|fed",
        "intravenous": r"intraven\w+|i\.?v\.?|infus\w+|parenteral\w*|bolus",
        "subcutaneous": r"subcutan\w+|s\.?c\.?|inject\w+|parenteral\w*",
        "intramuscular": r"intramusc\w+|i\.?m\.?|inject\w+|parenteral\w*",
        "topical": r"topical\w*|cream|ointment|gel|cutaneous|lotion|local\w*|eye drops?|ophthalmic",
        "inhaled": r"inhal\w+|nebuli\w+|aerosol\w*|pulmonary",
        "intranasal": r"(?:intra)?nasal\w*|spray",
        "intrathecal": r"intrathec\w+|spinal\w*|lumbar",
        "transdermal": r"transderm\w+|patch\w*|percutaneous\w*|skin",
        "rectal": r"rectal\w*|suppositor\w+|enemas?",
        "sublingual": r"sublingual\w*|under the tongue",
    }
)
NEGATIONS = frozenset(
    """
    no not never without cannot neither nor none nobody nothing lack lacks lacked lacking fail fails
    failed failing  absence absent unable hardly n't
    """.split()  # noqa: SIM905
)
DENIALS = frozenset(
    ("no", "not", "never", "cannot", "neither", "nor", "none", "unable", "fails", "failed", "fail")
)
# Words that deny without a negation
NEGATIVE = (
    r"\b(?:in(?:effective|sufficient|active|adequate|conclusive|ability|sensitive|compatible|capable|consistent|"
    r"efficacious)|un(?!der|it|til|ique|ion|iver|iform|less|i)\w+|im(?:possible|probable)|ir(?:relevant|reversible)|"
    r"non-?\w+|dis(?:continu|agree|prov|courag)\w*|negative\w*|rarely|exclu\w+|withdr\w+|reject\w*|refut\w+|"
    r"lack\w*|absen\w+|without|abolish\w*|avoid\w*|fail\w*|terminat\w+|null|no longer)\b"
)
HEDGES = frozenset("may might could possibly perhaps potentially presumably probably".split())  # noqa: SIM905

# Abbreviations that any clinical text may use without spelling them out
COMMON_ABBREVIATIONS = frozenset(
    """
    hr or rr ci sd se iqr rct rcts md smd nnt nnh us usa uk eu fda ema who nhs dna rna mrna pcr ct
    mri ecg ekg iv im sc po bid tid qid od prn bmi icu er ed i ii iii iv v vi covid hiv aids auc roc
    vs nice cdc nih
    """.split()  # noqa: SIM905
)
