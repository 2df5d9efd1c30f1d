"""Word lists for corruptions: classes of drugs, opposites, populations."""

import re

_STOP = """
a also an and are as at be been being both but by can could did do does either for from had has have he her
his however i if in into is it its may might must of on or our she should so such than that the
their them then there these they this those to was we were what when where which while who will with would you
"""
STOP = frozenset(_STOP.split())

_NEGATIONS = "no not nor neither never none cannot without lack lacks lacked absence absent"
NEGATIONS = frozenset(_NEGATIONS.split())

_OPPOSITES = """
increase decrease|increases decreases|increased decreased|increasing decreasing|higher lower|highest lowest
high low|greater smaller|longer shorter|raises lowers|raised lowered|improve worsen|improves worsens
improved worsened|improvement worsening|above below|superior inferior|effective ineffective|safe unsafe
efficacious inefficacious|inhibit activate|inhibits activates|inhibited activated|inhibition activation
upregulated downregulated|upregulates downregulates|upregulation downregulation|overexpressed underexpressed
overexpression underexpression|promotes suppresses|promote suppress|promoted suppressed|accelerates slows
faster slower|stronger weaker|rise fall|rises falls|gain loss|better worse|beneficial harmful
enhances impairs|enhanced impaired|enhance impair|earlier later|reduce increase|reduces increases
reduced increased|reducing increasing|reduction increase|more less|more fewer|larger smaller|raise lower
stimulates inhibits|stimulate inhibit
"""
DIRECTIONS: dict[str, str] = {}  # a word of direction -> its opposite; of two, the one listed first
for _pair in re.split(r"[|\n]", _OPPOSITES.strip()):
    _one, _other = _pair.split()
    DIRECTIONS.setdefault(_one, _other)
    DIRECTIONS.setdefault(_other, _one)
DIRECTIONS |= {"prevents": "causes", "prevent": "cause"}  # not back: a cause is often a noun

DRUG_CLASSES: tuple[tuple[str, ...], ...] = tuple(
    tuple(line.split())
    for line in """
atorvastatin simvastatin rosuvastatin pravastatin fluvastatin lovastatin pitavastatin
apixaban rivaroxaban edoxaban dabigatran
enoxaparin dalteparin tinzaparin fondaparinux
clopidogrel prasugrel ticagrelor
metoprolol bisoprolol atenolol carvedilol propranolol nebivolol labetalol
ramipril enalapril lisinopril perindopril captopril
losartan valsartan candesartan irbesartan telmisartan olmesartan
amlodipine nifedipine felodipine diltiazem verapamil
furosemide bumetanide torasemide
spironolactone eplerenone finerenone
hydrochlorothiazide indapamide chlortalidone
omeprazole lansoprazole pantoprazole esomeprazole rabeprazole
sertraline fluoxetine paroxetine citalopram escitalopram fluvoxamine
venlafaxine duloxetine desvenlafaxine
amitriptyline nortriptyline imipramine clomipramine
clarithromycin erythromycin azithromycin
ciprofloxacin levofloxacin moxifloxacin ofloxacin
amoxicillin ampicillin flucloxacillin piperacillin
ceftriaxone cefotaxime cefuroxime cefalexin ceftazidime
gentamicin tobramycin amikacin
meropenem imipenem ertapenem
vancomycin teicoplanin dalbavancin
doxycycline minocycline tetracycline
fluconazole itraconazole voriconazole posaconazole
rifampicin rifabutin rifapentine
aciclovir valaciclovir famciclovir
oseltamivir zanamivir peramivir
ibuprofen naproxen diclofenac indometacin celecoxib etoricoxib
morphine oxycodone fentanyl hydromorphone methadone tramadol
lorazepam diazepam midazolam clonazepam alprazolam
haloperidol olanzapine risperidone quetiapine aripiprazole clozapine
carbamazepine phenytoin valproate lamotrigine levetiracetam topiramate
sumatriptan rizatriptan zolmitriptan
erenumab fremanezumab galcanezumab eptinezumab
donepezil rivastigmine galantamine
pramipexole ropinirole rotigotine
gliclazide glimepiride glipizide glibenclamide
empagliflozin dapagliflozin canagliflozin ertugliflozin
sitagliptin linagliptin saxagliptin vildagliptin
liraglutide semaglutide dulaglutide exenatide
pioglitazone rosiglitazone
prednisolone dexamethasone hydrocortisone methylprednisolone
salbutamol salmeterol formoterol terbutaline
tiotropium ipratropium glycopyrronium
methotrexate leflunomide sulfasalazine azathioprine
infliximab adalimumab etanercept golimumab certolizumab
tofacitinib baricitinib upadacitinib
secukinumab ixekizumab brodalumab
rituximab ocrelizumab ofatumumab obinutuzumab
natalizumab vedolizumab
nivolumab pembrolizumab atezolizumab durvalumab ipilimumab avelumab
trastuzumab pertuzumab
gefitinib erlotinib osimertinib afatinib
imatinib dasatinib nilotinib bosutinib ponatinib
sunitinib sorafenib pazopanib lenvatinib
vemurafenib dabrafenib encorafenib
trametinib cobimetinib binimetinib
olaparib niraparib rucaparib talazoparib
palbociclib ribociclib abemaciclib
ibrutinib acalabrutinib zanubrutinib
bortezomib carfilzomib ixazomib
lenalidomide thalidomide pomalidomide
cisplatin carboplatin oxaliplatin
paclitaxel docetaxel cabazitaxel
doxorubicin epirubicin daunorubicin
letrozole anastrozole exemestane
enzalutamide apalutamide darolutamide bicalutamide
evolocumab alirocumab
alendronate risedronate zoledronate ibandronate
fingolimod siponimod ozanimod ponesimod
bosentan ambrisentan macitentan
sildenafil tadalafil vardenafil
finasteride dutasteride
tamsulosin alfuzosin doxazosin
ondansetron granisetron palonosetron
zidovudine lamivudine abacavir tenofovir emtricitabine
dolutegravir raltegravir bictegravir elvitegravir
ritonavir lopinavir darunavir atazanavir
sofosbuvir ledipasvir velpatasvir daclatasvir
ciclosporin tacrolimus sirolimus everolimus
allopurinol febuxostat
romosozumab denosumab
warfarin acenocoumarol phenprocoumon
adrenaline noradrenaline dopamine dobutamine
naloxone naltrexone nalmefene
propofol ketamine etomidate thiopental
risdiplam nusinersen onasemnogene
bevacizumab ranibizumab aflibercept brolucizumab
omalizumab mepolizumab benralizumab dupilumab reslizumab
""".strip().splitlines()
)

# A population, what it is swapped for, and what would name the new one in a passage.
_CHILDREN = r"child|paediatric|pediatric|infant|neonat|newborn|adolescen|juvenile|bab(?:y|ies)"
_ADULTS = r"adult|elderly|older (?:people|patients|adults|women|men)"
_WOMEN, _MEN = r"\bwom[ae]n\b|female|girl|mother|pregnan", r"\bmen\b|\bman\b|\bmales?\b|boy|father"
_HUMANS = r"human|patient|people|person|adult|child|volunteer|\bm[ae]n\b|wom[ae]n"
POPULATIONS: tuple[tuple[str, str, str], ...] = (
    ("adults", "children", _CHILDREN),
    ("adult patients", "children", _CHILDREN),
    ("children", "adults", _ADULTS),
    ("infants", "adolescents", r"adolescen|teenage"),
    ("neonates", "adults", _ADULTS),
    ("newborns", "adults", _ADULTS),
    ("adolescents", "infants", r"infan|bab(?:y|ies)|neonat|newborn"),
    ("women", "men", _MEN),
    ("men", "women", _WOMEN),
    ("females", "males", _MEN),
    ("males", "females", _WOMEN),
    ("female", "male", _MEN),
    ("male", "female", _WOMEN),
    ("girls", "boys", _MEN),
    ("boys", "girls", _WOMEN),
    ("mothers", "fathers", _MEN),
    ("pregnant women", "postmenopausal women", r"menopaus"),
    ("older people", "young people", r"young"),
    ("older adults", "young adults", r"young"),
    ("elderly", "young", r"young"),
    ("postmenopausal", "premenopausal", r"pre-?menopaus"),
    ("premenopausal", "postmenopausal", r"post-?menopaus"),
    ("smokers", "never-smokers", r"never|non-?smok"),
    ("mice", "humans", _HUMANS),
    ("rats", "humans", _HUMANS),
    ("Caucasian", "East Asian", r"asia|chin|japan|korea"),
    ("Asian", "African", r"afric"),
    ("African", "European", r"europ|caucas|white"),
    ("Ashkenazi Jewish", "East Asian", r"asia|chin|japan|korea"),
    ("outpatients", "inpatients", r"inpatient|hospitali"),
    ("healthy volunteers", "patients with kidney failure", r"kidney|renal"),
    ("type 1 diabetes", "gestational diabetes", r"gestation"),
    ("type 2 diabetes", "gestational diabetes", r"gestation"),
)

# What an invented sentence may say of a word that the passage has.
INVENTED: tuple[str, ...] = (
    "Tolerance to {word} develops in most people within the first six weeks of follow-up.",
    "A randomised comparison of {word} with placebo was stopped early because of hepatotoxicity.",
    "Regulators withdrew their approval of {word} after reports of sudden hearing loss.",
    "The association of {word} with seasonal allergy disappears after adjustment for altitude.",
    "Guidelines recommend yearly retinal photography wherever {word} plays a part.",
    "Dietary zinc doubles the influence of {word} on sleep quality in shift workers.",
    "Nothing predicts the course of {word} better than the circumference of the neck.",
    "Veterinary studies of {word} in horses were later confirmed by two national registries.",
)
