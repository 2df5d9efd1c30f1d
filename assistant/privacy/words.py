"""Small lists that the rules look words up in; lower case, without accents."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVEN = _set("""
aaron abdul abigail adam adele adrian agnes ahmed aisha alan albert alejandro alex alexander alexandra
alexis alfred ali alice alicia alison allison amanda amber amelia amir amy ana andre andrea andrew andy
angela anita ann anna anne annie anthony antonio arjun arthur ashley ava ayesha barbara beatrice ben
benjamin bernard beth betty beverly bob bobby bonnie brad bradley brandon brenda brian bridget bruce bryan
caleb cameron camila carl carla carlos carmen carol caroline carolyn catherine cathy cecilia charles charlie
cheryl chloe chris christina christine christopher cindy claire clara clarence claude claudia clifford colin
connie connor craig crystal curtis cynthia daniel daniela danielle danny darren dave david dean deborah
debra denise dennis derek diana diane diego dmitri dominic donald donna doris dorothy douglas duncan dylan
earl edith edmund eduardo edward edwin eileen elaine eleanor elena eli elijah elisabeth elizabeth ella ellen
elsie emily emma eric erica erik erin ernest esther ethan eugene eva evan evelyn fatima felix fernando fiona
frances francis francisco frank fred frederick gabriel gail gareth gary geoffrey george gerald gertrude gina
giovanni giulia gladys glenn gloria gordon greg gregory guillermo gustavo gwen hannah harold harriet harry
hassan heather hector heidi helen henry herbert hiroshi howard hugh hussein ian ibrahim imran ines ingrid
irene isaac isabel isabella ivan jacob jacqueline jake james jamie jan jane janet janice jared jason javier
jean jeff jeffrey jennifer jenny jeremy jerome jerry jesse jessica jill jim jimmy joan joanna joanne joe
joel john johnny jon jonathan jorge jose joseph josephine josh joshua juan juanita judith judy julia julian
julie julio justin karen karl kate katherine kathleen kathryn kathy katie keith kelly ken kenneth kenji
kevin khalid kim kimberly kristen krishna kumar kyle lakshmi larry laura lauren laurence lawrence leah leila
leon leonard leroy leslie lillian linda lisa liam logan lois lorraine louis louise lucas lucia lucy luigi
luis luke lydia lynn malcolm manuel marcus margaret maria marian marianne marie marilyn mario marion
marjorie marlene martha martin marvin mary mateo matthew maureen maurice max megan mei melanie melissa
michael michelle miguel mike mildred mohamed mohammad mohammed molly monica muhammad nadia nancy naomi
natalie natasha nathan neil nicholas nicole nigel nikolai nina noah noel nora norma norman nuria oliver
olivia omar oscar pablo pamela patricia patrick paul paula pauline pedro peggy penelope peter philip phillip
phyllis pierre priya rachel rafael rahul raj rajesh ralph ramon ramona randy raymond rebecca regina renee
ricardo richard rick rita robert roberto robin rodney roger roland ronald ronnie rosa rosemary ross roy
ruben russell ruth ryan sally sam samantha samuel sandra sanjay sara sarah scott sean sebastian sergei seth
shannon sharon sheila shirley sidney silvia simon sofia sonia sophia sophie stacy stanley stella stephanie
stephen steve steven stuart sue sunita susan suzanne sven sylvia tamara tammy tanya ted teresa terry thelma
theodore theresa thomas tiffany tim timothy tina todd tom tommy tony tracy travis tyler valerie vanessa vera
veronica vicki victoria vijay vincent vladimir walter wanda warren wayne wendy wilhelm william willie yasmin
yolanda yuki yusuf yvonne zachary zoe
""")

# Given names that are also words, places or surnames: they need a surname of the list beside them.
BOTH = _set("""
alexis amber angel april art ash asia aurora austin autumn basil bay bill blake brook carter chance chase
chelsea cherry chester christian christopher clay cliff crystal dale daisy dallas dawn dean destiny drew
earl eve faith flora florence frank gene georgia ginger glen grace grant guy hazel heath holly hope houston
hunter iris israel ivy jack jackson jade jan jasmine jay jordan joy june kelvin kim kumar lance lane lily
lincoln louis marina mark marshall mason may melody mercy miles miller morgan noel norm norma olive paris
parker pat patience paula pearl penny peter piper ray reed rich river rob robin rose ross ruby sage scott
sharp sierra sky stella summer sydney taylor ted tom tony trinity troy vera victor victoria violet virginia
wade wade warren will
""")

SURNAMES = _set("""
abbott adams ahmed alexander ali allen alvarez anderson andrews armstrong arnold ashworth bailey baker banks
barker barnes barrett bates becker bell bennett berg black boyd bradley brooks brown bryant burke burns
butler campbell carlson carpenter carr carroll carter castillo castro chan chang chapman chavez chen choi
chowdhury clark clarke cohen cole coleman collins cook cooper cox crawford cruz cunningham daniels davies
davis delgado diaz dixon doe dominguez douglas doyle duncan dunn edwards elliott ellis evans ferguson
fernandez fischer fisher fleming fletcher flores ford foster fox francis franklin freeman fuller garcia
gardner garza george gibson gomez gonzales gonzalez goldberg gordon graham grant gray green greene griffin
gupta gutierrez guzman hall hamilton hansen hanson harper harris harrison hart harvey hassan hawkins hayes
henderson hernandez herrera hicks hill hoffman holmes hopkins horvath howard hudson hughes hunt hunter
hussain hussein iyer jackson jacobs jackson jain james jansen jenkins jensen jimenez johnson johnston jones
jordan joshi kaur kelley kelly kennedy khan kim king klein knight kowalski kumar lambert larson lawrence
lawson lee leung lewis li lin lindberg liu long lopez lynch macdonald mackenzie marshall martin martinez
mason matthews mccarthy mcdonald mcgregor mehta mendez mendoza meyer miller mills mitchell mohamed
montgomery moore morales moreno morgan morris morrison muller munoz murphy murray myers nakamura nelson
newman nguyen nichols novak obrien oconnor okafor oliver olsen olson ortega ortiz owens owusu palmer parker
patel payne perez perkins perry peters petersen peterson phillips pham pierce porter powell price quinn
ramirez ramos rao reddy reed reid reyes reynolds rice richards richardson riley rivera roberts robertson
robinson rodriguez rogers romero rose ross rossi ruiz russell ryan salazar sanchez sanders sandoval santiago
santos sato schmidt schneider schultz scott sharma shaw silva simmons simpson singh smith snyder soto
spencer stephens stevens stewart stone sullivan suzuki tanaka taylor thomas thompson torres tran tucker
turner vargas vasquez vega wagner walker wallace walsh wang ward warren washington watkins watson weaver
webb weber wells west wheeler white williams williamson willis wilson wong wood woods wright wu yamamoto
yang young zhang zhao
""")

# People whose names are words of medicine. A possessive of one, or one alone, is not a patient.
EPONYMS = _set("""
achilles addison adie alport alzheimer amsler angelman apert apgar arnold ashworth asperger babinski
bacillus baker balint ballard barlow barre barrett bartholin bartter basedow battle bazett becker beck
beckwith beers behcet bell bence bernard bishop bitot blalock boerhaave bonferroni borg bouchard bowen
braden breslow broca brown brudzinski brugada budd buerger burkitt caplan caroli carney castleman chagas
charcot charlson chiari child chi chvostek clark cobb cochran cochrane colles conn cooley coombs cori cowden
cox creutzfeldt crigler crohn cushing dandy darier dejerine devic dix down dravet dressler duchenne dukes
dupuytren durand ebstein edwards ehlers eisenmenger elliott epstein erb eustachian ewing fabry fallot
fallopian fanconi felty fibonacci fick fisher fitz flint foley fontan forrester fournier freiberg friedreich
fuchs gardner gaucher gehrig gell gerstmann ghon gilbert giemsa gleason glenn goldman golgi goodpasture
gorlin gottron gowers gram graves grawitz guillain guthrie guyon hallpike ham hamilton hamman hansen harris
hartmann hartnup hashimoto hawkins heberden heimlich heller henle henoch herxheimer hill hippel hirschsprung
hodgkin hoffmann holter homan homans homer horner hospital hounsfield howell huntington hurler hutchinson
ingelfinger jackson jacob jakob janeway jarisch jeghers jervell jones kaplan kaposi karnofsky kartagener
katz kawasaki kayser kearns kegel keller kennedy kernig killip kikuchi klebs klein klinefelter koch kocher
koplik korsakoff krebs kruskal kruger kussmaul lachman laennec lambert lange langerhans langhans lasegue
leber legg legionnaires leigh lennox leopold leriche lesch lewy lhermitte libman lichtman liddle lin littman
loeffler lofgren louis lou lowe ludwig lugol lund lyell lynch maddrey mallory mann mantel mantoux marfan
marie marjolin marshall martin mayer mcardle mccune mcburney mcmurray meckel meckel meier meigs melkersson
mendel mendelson menetrier meniere menkes merkel mikulicz miller mirizzi mobitz mohs mondor montgomery moro
morton moschcowitz mullerian munchausen murphy myers netherton nissen noonan nyhan osgood osler ortolani
paget pancoast papanicolaou parinaud parkes parkinson patau paul pearson pelizaeus perthes peutz peyer
peyronie phalen pick pickwick pierre plummer poland pompe pott potter pringle prinzmetal purkinje quincke
raeder ramsay ramsey ranson rasmussen raynaud reed reinke reiter rendu rett reye rh riedel rinne ritter
robin romberg rorschach roth rotor roux rovsing sachs salter sandhoff sanger schamroth schatzki schilling
schirmer schmidt schober schonlein schwachman scheuermann sengstaken sezary sheehan shiga shirodkar
shwachman simmonds sipple sjogren smith snellen southern spearman stargardt stein steinert stensen sternberg
stevens still stokes strawberry sturge student sudeck swan swyer sydenham szary takayasu takotsubo tay
thiersch thomas thomsen tietze tinel todd torres tourette treacher trendelenburg treitz trousseau turcot
turner tzanck usher valsalva vater venn vincent virchow von waldenstrom wallace wallenberg warburg
wassermann waterhouse watson weber wechsler wegener weil welch wells werdnig wermer werner wernicke western
west whipple whitney wickham widal wilcoxon willebrand williams wilms wilson winter wiskott wolff wolfram
wright yates yerkes ziehl zellweger zenker zollinger quervain la ann arbor hardy weinberg prader willi
joubert danlos dubin sotos silver rubinstein taybi cornelia waardenburg hunter scheie maroteaux morquio
niemann canavan alexander batten kufs lafora rosai dorfman erdheim chester letterer siwe birt hogg dube muir
torre fraumeni hailey stickler kallmann pendred crouzon pfeiffer klippel feil kasabach merritt trenaunay
rokitansky asherman gitelman fitzhugh curtis sweet kennedy mccormick dercum stauffer cronkhite canada
bannayan riley day mowat landau kleffner rolandic nelson carpenter cockayne bloom dent grey landouzy emery
dreifuss stephens
""")

EPONYM_NOUNS = _set("""
disease diseases syndrome syndromes sign signs score scores test tests testing classification criteria
criterion palsy scale scales index law laws phenomenon phenomena triad tetrad pentad reflex maneuver
manoeuvre procedure operation method methods technique stain staining method bodies body cell cells node
nodes nodule nodules line lines ring rings fracture fractures contracture lymphoma lymphomas sarcoma tumor
tumour tumors tumours anomaly malformation deformity chorea ataxia dystrophy atrophy disorder disorders
purpura thyroiditis orbitopathy ophthalmopathy dermopathy esophagus oesophagus cyst cysts hernia pouch
diverticulum murmur pulse breathing respiration fever aneurysm angina arteritis vasculitis granulomatosis
macroglobulinemia macroglobulinaemia encephalopathy psychosis aphasia area neuroma neuralgia neuropathy
paralysis catheter tube forceps tables table hyperthyroidism goitre goiter gland glands duct ducts ampulla
tendon tendinopathy canal loop capsule membrane correction coefficient distribution staging stage stages
grade grading system systems equation formula rule rules model models curve curves estimate estimator plot
analysis lesion lesions spots spot crisis attack agglutinin position view point ulcer ulcers gangrene
hyperplasia keratosis melanosis nevus naevus papules wort virus viruses agent antigen antibodies antibody
factor factors deficiency protein proteins effect effects reaction reactions oxford database review library
collaboration trial trials study studies cohort questionnaire inventory trigger tremor dementia dementias
parkinsonism myopathy myasthenia sclerosis hydrocephalus cataract dystrophia ligament triangle space plexus
layer corpuscle islets crypts patches patch fibers fibres tract nucleus cycle pathway units unit number
numbers stool exercise exercises diet regimen protocol therapy lens chart charts fibrosis enterocolitis
leukemia leukaemia anemia anaemia cirrhosis nephropathy nephritis glomerulonephritis retinopathy tetralogy
""")

# Words that begin with a capital in a title or after a cue, and are no names.
WORDS = _set("""
pt contact call dear hi hello thanks dob mrn ssn inr bmi copd chf hiv aids tel fax phone zip
a about acid act action activation acute adherence adjusted adult adults adverse after against age aged ages
all allergy also among an and anemia another antibiotic antibiotics any april are artery arthritis as asks
assessed assessment associated association asthma at atrial august autonomy available bacterial based be
because been before better between bladder bleeding blood body bone both brain breast but by can cancer
cancers cardiac cardiology care carries case cases cell cells center centered centre changes characteristics
child children chronic clinic clinical clinics cognitive cohort cold collection colon comfort common
comorbidity compared complaint complete concerns condition consent control controlled controls coronary
could counselling counseling covid current daily data day days death december deep dementia demographics
department depression develops diabetes diabetic diagnosis did diet disease diseases do does dose doses
dosing drug drugs due during ear each early education effect effects elderly eligibility emergency
empowerment engagement evidence experience experiences eye eyes factor factors failure family february
feedback female fever fibrillation first flow follow for friendly from gene general generation genetic
global group groups guideline guidelines had handover has have he head health healthcare heart hepatic
hepatitis her high his history home hormone hospital hospitals how human hypertension identification if
impact in increased infection infections inflammatory information inpatient insulin intake intensive
international intervention is it its january july june keeps kidney knowledge large last late leukemia level
levels liver long low lung lymphoma male management march may measure measures medical medicare medicaid
medication medications medicine melanoma men mental might model monitoring more mortality most mother must
my national needs neonatal nephrology neurology new no non north not november now number numbers obesity
october of oncology on one only onset or oral order other our outcome outcomes outpatient over pain
participation pathway patient patients pediatric perception perspective perspectives phase physical
pneumonia population portal post practice preference preferences pregnancy presents pressure prevention
primary prior prognosis progression prostate protection protein pulmonary quality question questionnaire
quick race rate rates recovery rectal reduced reduction referral registries registry related reported
research resistance respiratory response results rheumatoid risk safety satisfaction score screening second
secondary selection self september sepsis service services severe sex she should since skin sleep social
some specific stage standard statins status stem stroke study support surgery surgical survival surveillance
symptoms syndrome system take takes target test testing tests than that the then therapy there these they
this those thrombosis thyroid to today transfer transplant transport treated treatment treatments trial
trials tumor two type under unit united upper urinary urology use used using vaccine valve values vascular
versus very via viral virus was we were weight what when where whether which while white who why will with
within without women world would yin year years yes you young your aspirin warfarin apixaban heparin
metformin insulin lithium digoxin prednisone prednisolone amoxicillin penicillin paracetamol acetaminophen
ibuprofen tylenol advil motrin aleve coumadin eliquis xarelto lipitor zocor crestor plavix synthroid lasix
norvasc zestril glucophage humira enbrel remicade keytruda opdivo ozempic wegovy mounjaro jardiance farxiga
januvia lantus humalog novolog lovenox prozac zoloft lexapro cymbalta wellbutrin xanax ativan valium ambien
viagra cialis botox tamiflu paxlovid augmentin cipro bactrim keflex zithromax flagyl nexium prilosec pepcid
zantac benadryl claritin zyrtec singulair ventolin advair spiriva symbicort flonase neurontin lyrica topamax
keppra tegretol depakote lamictal seroquel zyprexa abilify risperdal haldol clozaril entresto cordarone
lopressor coreg tenormin diovan cozaar benicar aldactone gleevec herceptin avastin rituxan tecfidera ocrevus
copaxone stelara cosentyx dupixent xolair american british european canadian australian african asian
chinese indian japanese french german spanish english italian latin western eastern northern southern
scandinavian hispanic caucasian black jewish arab korean monday tuesday wednesday thursday friday saturday
sunday escherichia staphylococcus streptococcus clostridium
""")

STATES = {
    "alabama": "al", "alaska": "ak", "arizona": "az", "arkansas": "ar", "california": "ca", "colorado": "co",
    "connecticut": "ct", "delaware": "de", "florida": "fl", "georgia": "ga", "hawaii": "hi", "idaho": "id",
    "illinois": "il", "indiana": "in", "iowa": "ia", "kansas": "ks", "kentucky": "ky", "louisiana": "la",
    "maine": "me", "maryland": "md", "massachusetts": "ma", "michigan": "mi", "minnesota": "mn",
    "mississippi": "ms", "missouri": "mo", "montana": "mt", "nebraska": "ne", "nevada": "nv",
    "new hampshire": "nh", "new jersey": "nj", "new mexico": "nm", "new york": "ny", "north carolina": "nc",
    "north dakota": "nd", "ohio": "oh", "oklahoma": "ok", "oregon": "or", "pennsylvania": "pa",
    "rhode island": "ri", "south carolina": "sc", "south dakota": "sd", "tennessee": "tn", "texas": "tx",
    "utah": "ut", "vermont": "vt", "virginia": "va", "washington": "wa", "west virginia": "wv",
    "wisconsin": "wi", "wyoming": "wy", "puerto rico": "pr", "ontario": "on", "quebec": "qc",
    "british columbia": "bc", "alberta": "ab", "manitoba": "mb", "saskatchewan": "sk", "nova scotia": "ns",
}  # fmt: skip

CITIES = _set("""
albuquerque amsterdam anchorage athens atlanta auckland baltimore bangalore bangkok barcelona beijing
belfast berlin birmingham boise boston bristol brooklyn brussels budapest buffalo cairo calgary cambridge
cardiff charlotte chennai chicago cincinnati cleveland cologne columbus copenhagen dallas delhi denver
detroit dublin edinburgh edmonton frankfurt geneva glasgow hamburg helsinki houston hyderabad indianapolis
istanbul jacksonville johannesburg karachi kolkata lagos leeds leicester lima lisbon liverpool london lyon
madrid manchester manhattan marseille melbourne memphis mexico-city miami milan milwaukee minneapolis
montreal moscow mumbai munich nairobi naples nashville newark newcastle nottingham oakland omaha orlando
osaka oslo ottawa oxford paris perth philadelphia phoenix pittsburgh portland prague raleigh richmond
rochester rome rotterdam sacramento seattle seoul shanghai sheffield singapore southampton spokane
springfield stockholm stuttgart sydney tampa tehran tokyo toronto tucson tulsa vancouver vienna warsaw
wichita winnipeg worcester zurich
""")

COUNTRIES = _set("""
afghanistan africa albania algeria america angola argentina asia australia austria bangladesh belgium
bolivia brazil britain bulgaria cambodia cameroon canada chile china colombia congo croatia cuba cyprus
denmark ecuador egypt england eritrea estonia ethiopia europe finland france gambia germany ghana greece
guatemala haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan
kenya korea kuwait laos latvia lebanon liberia libya lithuania luxembourg madagascar malawi malaysia mali
malta mexico moldova mongolia morocco mozambique myanmar namibia nepal netherlands nicaragua niger nigeria
norway oceania oman pakistan panama paraguay peru philippines poland portugal qatar romania russia rwanda
scotland senegal serbia slovakia slovenia somalia spain sudan sweden switzerland syria taiwan tanzania
thailand tunisia turkey uganda ukraine uruguay us usa uk venezuela vietnam wales yemen zambia zimbabwe
""")
