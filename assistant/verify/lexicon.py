"""The words that verification knows, as data: change a table here and nothing else.

Words are written as found in text, in lower case; `reading` brings them to stems. Sources of the tables: WHO's
INN stem book for the name endings, SI prefixes for the units; the rest is plain English.
"""

from types import MappingProxyType

STOP = frozenset(
    """
    a about above across after again against all also although am among an and another any are as at be
    because been before being below between both but by can could did do does doing done due during each either
    etc even ever every for found from further had has have having he her here hers him his how however i if in
    indeed into is it its itself just later latter like many may me might more moreover most much must my no
    nor not of often on once only onto or other others our out over own per please rather s same several she
    should show showed shown shows since so some still such t than that the their theirs them then there thereby
    therefore these they this those though through throughout thus to together too toward towards under until
    up upon us use used uses using very via vs versus was we well were what when where whereas whether which
    while who whom whose why will with within without would yes yet you your respectively et al compared
    """.split()  # noqa: SIM905 - a table is read as words
)

GENERIC = frozenset(
    """
    able act activity addition additional agent analysis approach appear area aspect associate association
    available based basis become begin call case cause certain change characterize clinical combination
    common comparison component condition consider consist contain contribute currently data define
    demonstrate depend describe design determine develop development different disease disorder drug effect
    evaluate evidence examine example exist factor feature finding follow form function general give group
    help identify important include indicate individual information investigate involve key know known large
    lead level main major make mechanism mediate medical method new number observe obtain occur participant
    patient people person play possible potential presence present previous process produce provide range
    receive recent regard related relationship report represent require research result reveal role sample
    serve set severe show significant significantly similar specific start state study subject suggest system
    take target term test therapy thing time treat treatment trial type undergo understand various way work
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
        show demonstrate reveal indicate suggest find found
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
            """increase increased increases increasing increasingly elevate elevated elevation raise raised
            raising rise rises rising rose risen higher high highest greater greatest more most larger largest
            upregulate upregulated upregulates upregulation enhance enhanced enhances enhancement augment
            augmented amplify amplified overexpressed overexpression gain gains grew grow growth heightened
            heighten elevates elevating upregulating enhancing longer prolong prolonged prolongs prolongation
            faster accelerate accelerated accelerates promote promotes promoted promoting promotion stimulate
            stimulates stimulated stimulation activate activates activated activating activation hyper excess
            maximum maximal exceeded exceeds induces frequent strong strongly stronger wider heavier
            older deeper quicker quickly rapid rapidly high-dose abundant""",
            """decrease decreased decreases decreasing reduce reduced reduces reducing reduction reductions lower
            lowers lowered lowering low lowest less least fewer fewest smaller smallest downregulate
            downregulated downregulates downregulation downregulating diminish diminished diminishes decline
            declined declines declining attenuate attenuated attenuates attenuation underexpressed drop dropped
            fall falls fell fallen loss lost lose shorter shorten shortened shortens slower slow slowed decelerate
            suppress suppresses suppressed suppressing suppression inhibit inhibits inhibited inhibiting
            inhibition prevent prevents prevented preventing prevention block blocks blocked deficiency
            deficient hypo minimum minimal deplete depleted depletion abolish abolished abolishes lessen
            lessened alleviate alleviates alleviated mitigate mitigates repress represses repressed
            repression deactivate deactivates inactivate inactivates inactivated inactivation delay
            delayed delays rare rarely weak weakly weaker narrower lighter younger shallower slowly
            low-dose scarce discourage discourages impede impedes hinder hinders""",
        ),
        "benefit": (
            """effective effectively efficacious effectiveness beneficial benefit benefits improve improved
            improves improving improvement improvements better best superior superiority safe safely favorable
            favourable favorably advantageous helpful useful successful successfully well-tolerated
            ameliorate ameliorated ameliorates recommended recommend recommends protective protect protects
            protected efficient efficiently appropriate favors favours advantage succeeded""",
            """ineffective ineffectively inefficacious harmful harm harms worsen worsened worsens worsening
            worse worst inferior inferiority unsafe unfavorable unfavourable deteriorate deteriorated
            deteriorates deterioration detrimental useless unsuccessful unsuccessfully poorly-tolerated
            aggravate aggravated aggravates exacerbate exacerbated exacerbates exacerbation
            contraindicated discouraged deleterious inefficient inappropriate disadvantage adverse
            damaging failed""",
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
    ("oral orally", "intravenous intravenously subcutaneous subcutaneously intramuscular topical topically inhaled"),
    ("intravenous intravenously iv", "subcutaneous subcutaneously intramuscular oral orally topical inhaled"),
    ("left", "right"),
    ("upper", "lower"),
    ("maternal", "paternal"),
    ("gain", "loss"),
    ("cause causes caused", "prevent prevents prevented cure cures"),
    ("activator activators", "inhibitor inhibitors"),
    ("oncogene", "suppressor"),
    ("homozygous", "heterozygous"),
    ("systolic", "diastolic"),
    ("bacterial", "viral fungal"),
    ("always", "sometimes"),
)

NEGATIONS = frozenset(
    """
    no not never without cannot neither nor none nobody nothing lack lacks lacked lacking fail fails failed
    failing failure absence absent unable hardly n't
    """.split()  # noqa: SIM905
)
NOT_STUDIED = (
    r"\b(?:not (?:been )?(?:\w+ )?(?:studied|evaluated|established|tested|investigated|assessed|known|examined|"
    r"included|enrolled)|no (?:\w+ )?(?:data|evidence|studies|trials|information)|unknown|unclear|"
    r"excluded|insufficient|limited data|lack(?:s|ing)? (?:of )?(?:data|evidence)|remains? to be)\b"
)
HEDGES = frozenset("may might could possibly perhaps potentially presumably probably".split())  # noqa: SIM905

# class -> what names it. A claim about one of them needs a passage about it.
POPULATIONS = MappingProxyType(
    {
        "children": r"child(?:ren|hood)?|p(?:a)?ediatric\w*|adolescen\w+|teenagers?|boys?|girls?|school-?age\w*"
        r"|infan\w+|neonat\w+|newborns?|bab(?:y|ies)|toddlers?|preterm|juvenile|youths?|young people",
        "infants": r"infan\w+|neonat\w+|newborns?|bab(?:y|ies)|preterm|premature",
        "adults": r"adults?|adulthood|middle-?aged",
        "older people": r"elder(?:ly|s)|older (?:adults?|people|patients|persons?|individuals?|men|women)|geriatric\w*"
        r"|aged (?:patients|people)|octogenarians?|nonagenarians?|seniors|old age|over (?:65|70|75|80)"
        r"|aged (?:over |>=? ?)?(?:6[05]|7[05]|8[05])",
        "younger people": r"younger (?:adults?|people|patients|persons?|individuals?|men|women)|young adults",
        "women": r"wom[ae]n|females?|girls?|mothers?|maternal|pregnan\w+|(?:post|pre)-?menopaus\w+|lactating"
        r"|breast-?feeding|ladies",
        "men": r"(?<!wo)m[ae]n|males?|boys?|fathers?",
        "pregnancy": r"pregnan\w+|gestation\w*|antenatal\w*|prenatal\w*|maternal|expectant mothers|trimester\w*",
        "breast-feeding": r"breast-?fe\w+|lactat\w+|nursing (?:mothers|women|infants)",
        "menopause": r"(?:post|peri|pre)?-?menopaus\w+",
        "renal impairment": r"(?:renal|kidney|renally)[ -](?:\w+[ -])?(?:impair\w+|failure|insufficiency|disease|"
        r"dysfunction|injury)|nephropath\w+|creatinine|CKD|eGFR|GFR|ESRD|dialysis|h(?:a)?emodialysis"
        r"|(?:impair\w+|reduced) (?:renal|kidney) function",
        "hepatic impairment": r"(?:hepatic|liver)[ -](?:\w+[ -])?(?:impair\w+|failure|insufficiency|disease|"
        r"dysfunction|injury)|cirrho\w+|Child-Pugh",
        "diabetes": r"diabet\w+|T[12]DM?|NIDDM|IDDM",
        "animals": r"rats?|mice|mouse|murine|rabbits?|dogs?|canine|pigs?|porcine|monkeys?|macaques?|primates"
        r"|animals?|rodents?|zebrafish|hamsters?|guinea pigs?|sheep|ovine|bovine|cats|feline|in vivo",
        "mice": r"mice|mouse|murine|rodents?|animals?",
        "rats": r"rats?|rodents?|animals?",
        "in vitro": r"in vitro|cell lines?|cultured?|cultures|cells?",
        "healthy volunteers": r"healthy (?:\w+ )?(?:volunteers?|subjects?|adults?|people|individuals?|participants?"
        r"|controls?|donors?|men|women|males?|females?)|normal (?:volunteers?|subjects?|controls?)",
        "smokers": r"smok\w+",
        "obesity": r"obes\w+|overweight|body mass index|BMI",
        "transplant recipients": r"transplant\w*|allograft\w*|recipients?",
        "HIV": r"HIV\S*|AIDS",
    }
)
# How a claim names a population outright: narrower than what satisfies it, so that a mention in passing counts
# for the passage and not against the claim.
CLAIMED = MappingProxyType(
    {
        "animals": r"rats?|mice|rabbits?|dogs?|pigs?|monkeys?|macaques?|animals?|rodents?|zebrafish|hamsters?",
        "mice": r"mice|mouse",
        "rats": r"rats?",
        "children": r"children|p(?:a)?ediatric\w*|adolescents?|infants?|neonat\w+|newborns?|teenagers?|toddlers?",
        "women": r"wom[ae]n|females?",
        "in vitro": r"in vitro",
        "renal impairment": r"(?:renal|kidney)[ -](?:\w+[ -])?(?:impair\w+|failure|insufficiency|dysfunction)"
        r"|(?:chronic kidney|renal) disease|CKD|dialysis|h(?:a)?emodialysis|(?:impair\w+|reduced) (?:renal|kidney)"
        r" function",
        "hepatic impairment": r"(?:hepatic|liver) (?:impair\w+|failure|insufficiency|dysfunction)|cirrho\w+",
        "diabetes": r"diabet(?:es|ics?)",
        "obesity": r"obese|overweight",
        "smokers": r"(?:non-?)?smokers?",
        "transplant recipients": r"transplant recipients?|transplant patients",
        "HIV": r"HIV-(?:infected|positive)\b|AIDS",
    }
)

# WHO INN stems, as endings
DRUG_ENDINGS = (
    "mab pril prilat sartan vastatin statin xaban gliptin gliflozin glutide natide olol alol dipine azole azoles "
    "cillin mycin micin cycline floxacin oxacin ciclovir cyclovir navir tegravir buvir previr asvir amivir "
    "ovir avir tinib ciclib parib rafenib lisib zomib degib clax brutinib metinib prazole tidine setron "
    "triptan gepant dafil thiazide semide tanide oxetine azepam azolam zolam barbital caine curium curonium dronate "
    "dronic fibrate glitazone grel grelor gatran irudin parin kinra lukast profen oxicam coxib fenac "
    "platin poside rubicin taxel tecan vinca blastine cristine relbine terol tropium clidinium metasone solone "
    "nisone onide peridone apine piprazole rasidone peridol triptyline pramine prazosin azosin stigmine vaptan "
    "virine vudine citabine uridine fungin bactam penem sulfam kacin relin relix tocin pressin "
    "plase mustine fosfamide trexate trexed limus imod nersen siran cept tacept ercept stim grastim "
    "poetin fenacin sentan ciguat glinide formin semaglutide zepine bamate racetam gabalin gabatin "
    "steride lutamide estrant oxifene trozole estradiol gestrel gestone progestin terone "
    "quine quin oquine nidazole bendazole vermectin sporin cycloserine thromycin platin nitrate "
    "azosin pidem plon orexant melteon serod tegaserod prost prostone tadine rizine astine phylline "
    "methasone orphan orphine codone morphone nalone altrexone fentanil caftor lumacaftor adenant "
    "trigine suximide toin zolamide prazide amiloride renone anserin tapine midazole cillins statins sartans "
    "statine stinel mer paride pitant dipitant abine sone dopa giline capone ergoline criptine pexole nirole "
    "mantine pezil tacrine dilol nidine iodarone ilide cainide digoxin xantrone amrinone "
    "vancin zolid oxazine pirone aserin renal bulin rsen parsen begron"
).split()
DRUGS = frozenset(
    """
    acetaminophen paracetamol aspirin acetylsalicylate ibuprofen naproxen diclofenac ketorolac colchicine
    allopurinol febuxostat probenecid warfarin acenocoumarol phenprocoumon heparin fondaparinux clopidogrel
    ticagrelor prasugrel dipyridamole digoxin amiodarone dronedarone sotalol verapamil diltiazem adenosine
    procainamide quinidine lidocaine mexiletine flecainide nitroglycerin isosorbide hydralazine minoxidil
    clonidine methyldopa spironolactone eplerenone furosemide torsemide bumetanide hydrochlorothiazide
    chlorthalidone indapamide amiloride triamterene acetazolamide mannitol ezetimibe niacin gemfibrozil
    fenofibrate metformin glipizide glyburide glibenclamide gliclazide glimepiride tolbutamide pioglitazone
    acarbose insulin exenatide liraglutide semaglutide levothyroxine liothyronine methimazole carbimazole
    propylthiouracil hydrocortisone prednisone prednisolone dexamethasone methylprednisolone fludrocortisone
    budesonide fluticasone salbutamol albuterol salmeterol formoterol ipratropium tiotropium theophylline
    montelukast omalizumab cromolyn omeprazole ranitidine famotidine cimetidine misoprostol sucralfate
    metoclopramide domperidone ondansetron loperamide lactulose bisacodyl mesalamine mesalazine sulfasalazine
    azathioprine mercaptopurine methotrexate leflunomide hydroxychloroquine chloroquine cyclosporine
    ciclosporin tacrolimus sirolimus everolimus mycophenolate cyclophosphamide infliximab adalimumab etanercept
    rituximab tocilizumab abatacept anakinra amoxicillin ampicillin penicillin cephalexin cefalexin cefuroxime
    ceftriaxone cefotaxime ceftazidime cefepime meropenem imipenem ertapenem gentamicin tobramycin amikacin
    streptomycin azithromycin clarithromycin erythromycin doxycycline tetracycline minocycline ciprofloxacin
    levofloxacin moxifloxacin clindamycin vancomycin linezolid daptomycin metronidazole nitrofurantoin
    trimethoprim sulfamethoxazole cotrimoxazole fosfomycin rifampicin rifampin isoniazid pyrazinamide ethambutol
    bedaquiline colistin fluconazole itraconazole voriconazole amphotericin caspofungin nystatin terbinafine
    griseofulvin acyclovir valacyclovir ganciclovir oseltamivir remdesivir ribavirin sofosbuvir zidovudine
    lamivudine tenofovir emtricitabine efavirenz ritonavir lopinavir darunavir dolutegravir raltegravir
    ivermectin albendazole mebendazole praziquantel quinine artemether artesunate mefloquine primaquine
    atovaquone proguanil lithium valproate carbamazepine oxcarbazepine lamotrigine levetiracetam topiramate
    phenytoin phenobarbital ethosuximide gabapentin pregabalin zonisamide lacosamide clonazepam diazepam
    lorazepam midazolam alprazolam zolpidem fluoxetine sertraline paroxetine citalopram escitalopram
    venlafaxine duloxetine bupropion mirtazapine trazodone amitriptyline nortriptyline imipramine clomipramine
    haloperidol chlorpromazine risperidone olanzapine quetiapine clozapine aripiprazole ziprasidone
    methylphenidate atomoxetine amphetamine modafinil donepezil rivastigmine galantamine memantine levodopa
    carbidopa pramipexole ropinirole rotigotine selegiline rasagiline entacapone amantadine baclofen tizanidine
    dantrolene morphine oxycodone hydrocodone codeine fentanyl tramadol methadone buprenorphine naloxone
    naltrexone ketamine propofol etomidate thiopental succinylcholine rocuronium vecuronium neostigmine
    atropine epinephrine adrenaline norepinephrine dopamine dobutamine vasopressin milrinone oxytocin
    ergometrine mifepristone magnesium clomiphene letrozole anastrozole tamoxifen raloxifene estradiol
    progesterone levonorgestrel medroxyprogesterone testosterone finasteride dutasteride tamsulosin sildenafil
    tadalafil oxybutynin tolterodine mirabegron desmopressin alendronate risedronate zoledronate denosumab
    teriparatide calcitonin calcitriol cisplatin carboplatin oxaliplatin doxorubicin epirubicin daunorubicin
    bleomycin vincristine vinblastine paclitaxel docetaxel etoposide irinotecan topotecan gemcitabine
    fluorouracil capecitabine cytarabine temozolomide dacarbazine ifosfamide melphalan busulfan imatinib
    dasatinib nilotinib erlotinib gefitinib osimertinib sorafenib sunitinib lapatinib trastuzumab bevacizumab
    cetuximab pembrolizumab nivolumab ipilimumab bortezomib lenalidomide thalidomide pomalidomide ruxolitinib
    tofacitinib baricitinib ibrutinib venetoclax olaparib natalizumab ocrelizumab fingolimod glatiramer
    interferon peginterferon riluzole edaravone nusinersen eculizumab ivacaftor pirfenidone nintedanib bosentan
    hydroxyurea deferasirox erythropoietin epoetin filgrastim iron ferrous folate cyanocobalamin thiamine
    pyridoxine tranexamic aprotinin alteplase tenecteplase streptokinase urokinase eptifibatide abciximab
    tirofiban dabigatran rivaroxaban apixaban edoxaban enoxaparin dalteparin tinzaparin bivalirudin argatroban
    botulinum cannabidiol ursodeoxycholic cholestyramine orlistat phentermine varenicline nicotine disulfiram
    acamprosate sumatriptan ergotamine erenumab galcanezumab fremanezumab flunarizine cinnarizine betahistine
    loratadine cetirizine fexofenadine diphenhydramine promethazine hydroxyzine cyproheptadine isotretinoin
    acitretin tretinoin methoxsalen tazarotene sacubitril ivabradine ranolazine trimetazidine evolocumab
    alirocumab inclisiran melatonin ramelteon suvorexant caffeine aminophylline surfactant palivizumab
    tolvaptan conivaptan finerenone sevelamer cinacalcet patiromer teprotumumab resmetirom ganaxolone
    fenfluramine stiripentol tirzepatide dapagliflozin empagliflozin canagliflozin sitagliptin saxagliptin
    vildagliptin linagliptin alogliptin
    """.split()  # noqa: SIM905
)
# Words with such an ending that name no medicine
NOT_DRUGS = frozenset(
    """
    abdomen apparent anymore alone hormone ketone milestone cornerstone backbone limestone gemstone
    medicine machine doctrine routine vaccine urine marine pristine combine determine examine refine baseline
    guideline decline discipline online offline saline outline pipeline adenine guanine cytosine thymine tyrosine
    serine cytokine chemokine intestine quarantine masculine feminine crystalline alkaline membrane
    reservoir memoir souvenir adverse reverse diverse universe glycosylated dysplasia influenza
    microbiome endosome lysosome ribosome chromosome peroxisome exosome proteasome transporter
    nucleotide peptide polypeptide oligonucleotide dinucleotide fructose glucose proteinase
    endocrine paracrine autocrine exocrine purine pyrimidine creatine histidine uridine cytidine adenosine
    hypothalamus glutamine arginine lysine alanine glycine valine leucine isoleucine methionine tryptophan proline
    cysteine phenylalanine asparagine threonine dopamine serotonin histamine carnitine taurine ornithine
    citrulline homocysteine cystine testosterone aldosterone corticosterone collagen overcome outcome become
    somatostatin cystatin myostatin angiostatin endostatin nystatin
    """.split()  # noqa: SIM905
)
# Abbreviations that any clinical text may use without spelling them out
COMMON_ABBREVIATIONS = frozenset(
    """
    hr or rr ci sd se iqr rct rcts md smd nnt nnh us usa uk eu fda ema who nhs dna rna mrna pcr ct mri ecg ekg
    iv im sc po bid tid qid od prn bmi icu er ed i ii iii iv v vi covid hiv aids auc roc vs
    nice cdc nih
    """.split()  # noqa: SIM905
)
# Generic heads of a slot where a name may stand: replacing a name by one of them changes nothing
COMPARISONS = r"(?:compared|relative|in comparison|as opposed)\s+(?:with|to)|versus|vs\.?|than|over"
