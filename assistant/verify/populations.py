"""Populations as regular expressions, and how a text says that one was not studied."""

from types import MappingProxyType

NOT_STUDIED = (
    r"\b(?:not (?:been )?(?:\w+ )?(?:studied|evaluated|established|tested|investigated|assessed|known"
    r"|examined|"
    r"included|enrolled)|no (?:\w+ )?(?:data|evidence|studies|trials|information)|unknown|unclear|"
    r"excluded|insufficient|limited data|lack(?:s|ing)? (?:of )?(?:data|evidence)|remains? to be)\b"
)
# class -> what names it. A claim about one of them needs a passage about it.
POPULATIONS = MappingProxyType(
    {
        "children": r"child(?:ren|hood)?|p(?:a)?ediatric\w*|adolescen\w+|teenagers?|boys?|girls?"
        r"|school-?age\w*"
        r"|infan\w+|neonat\w+|newborns?|bab(?:y|ies)|toddlers?|preterm|juvenile|youths?|young people",
        "infants": r"infan\w+|neonat\w+|newborns?|bab(?:y|ies)|preterm|premature",
        "adolescents": r"adolescen\w+|teenagers?|youths?|young people|puberty",
        "adults": r"adults?|adulthood|middle-?aged",
        "older people": r"elder(?:ly|s)|older (?:adults?|people|patients|persons?|individuals?|men"
        r"|women)|geriatric\w*"
        r"|aged (?:patients|people)|octogenarians?|nonagenarians?|seniors|old age|over (?:65|70|75|80)"
        r"|aged (?:over |>=? ?)?(?:6[05]|7[05]|8[05])",
        "younger people": r"younger (?:adults?|people|patients|persons?|individuals?|men|women)"
        r"|young adults",
        "women": r"wom[ae]n|females?|girls?|mothers?|maternal|pregnan\w+|(?:post|pre)-?menopaus\w+"
        r"|lactating"
        r"|breast-?feeding|ladies",
        "men": r"(?<!wo)m[ae]n|males?|boys?|fathers?",
        "pregnancy": r"pregnan\w+|gestation\w*|antenatal\w*|prenatal\w*|maternal|expectant mothers"
        r"|trimester\w*",
        "breast-feeding": r"breast-?fe\w+|lactat\w+|nursing (?:mothers|women|infants)",
        "menopause": r"(?:post|peri|pre)?-?menopaus\w+",
        "renal impairment": r"(?:renal|kidney|renally)[ -](?:\w+[ -])?(?:impair\w+|failure"
        r"|insufficiency|disease|"
        r"dysfunction|injury)|nephropath\w+|creatinine|CKD|eGFR|GFR|ESRD|dialysis|h(?:a)?emodialysis"
        r"|(?:impair\w+|reduced) (?:renal|kidney) function",
        "hepatic impairment": r"(?:hepatic|liver)[ -](?:\w+[ -])?(?:impair\w+|failure|insufficiency"
        r"|disease|"
        r"dysfunction|injury)|cirrho\w+|Child-Pugh",
        "diabetes": r"diabet\w+|T[12]DM?|NIDDM|IDDM",
        "animals": r"rats?|mice|mouse|murine|rabbits?|dogs?|canine|pigs?|porcine|monkeys?|macaques?"
        r"|primates"
        r"|animals?|rodents?|zebrafish|hamsters?|guinea pigs?|sheep|ovine|bovine|cats|feline|in vivo",
        "mice": r"mice|mouse|murine|rodents?|animals?",
        "rats": r"rats?|rodents?|animals?",
        "in vitro": r"in vitro|cell lines?|cultured?|cultures|cells?",
        "healthy volunteers": r"healthy (?:\w+ )?(?:volunteers?|subjects?|adults?|people|individuals?"
        r"|participants?"
        r"|controls?|donors?|men|women|males?|females?)|normal (?:volunteers?|subjects?|controls?)",
        "smokers": r"smok\w+",
        "obesity": r"obes\w+|overweight|body mass index|BMI",
        "transplant recipients": r"transplant\w*|allograft\w*|recipients?",
        "HIV": r"HIV\S*|AIDS",
    }
)
# How a claim names a population outright: narrower than what satisfies it, so that a mention in passing
# counts for the passage and not against the claim.
CLAIMED = MappingProxyType(
    {
        "adults": r"adults",
        "adolescents": r"adolescents?|teenagers?",
        "infants": r"infants?|neonates?|newborns?|bab(?:y|ies)|preterm infants",
        "animals": r"rats?|mice|rabbits?|dogs?|pigs?|monkeys?|macaques?|animals?|rodents?|zebrafish"
        r"|hamsters?",
        "mice": r"mice|mouse",
        "rats": r"rats?",
        "children": r"children|p(?:a)?ediatric\w*|adolescents?|infants?|neonat\w+|newborns?|teenagers?"
        r"|toddlers?",
        "women": r"wom[ae]n|females?",
        "in vitro": r"in vitro",
        "renal impairment": r"(?:renal|kidney)[ -](?:\w+[ -])?(?:impair\w+|failure|insufficiency"
        r"|dysfunction)"
        r"|(?:chronic kidney|renal) disease|CKD|dialysis|h(?:a)?emodialysis|(?:impair\w+"
        r"|reduced) (?:renal|kidney)"
        r" function",
        "hepatic impairment": r"(?:hepatic|liver) (?:impair\w+|failure|insufficiency|dysfunction)"
        r"|cirrho\w+",
        "diabetes": r"diabet(?:es|ics?)",
        "obesity": r"obese|overweight",
        "smokers": r"(?:non-?)?smokers?",
        "transplant recipients": r"transplant recipients?|transplant patients",
        "HIV": r"HIV-(?:infected|positive)\b|AIDS",
    }
)
