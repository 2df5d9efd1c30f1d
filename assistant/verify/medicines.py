"""Names of medicines: endings of WHO's INN stem book, common names, and words that only look like them."""

DRUG_ENDINGS = tuple(
    """
    mab pril prilat sartan vastatin statin xaban gliptin gliflozin glutide natide olol alol dipine
    azole azoles cillin mycin micin cycline floxacin oxacin ciclovir cyclovir navir tegravir buvir
    previr asvir amivir ovir avir tinib ciclib parib rafenib lisib zomib degib clax brutinib metinib
    prazole tidine setron triptan gepant dafil thiazide semide tanide oxetine azepam azolam zolam
    barbital caine curium curonium dronate dronic fibrate glitazone grel grelor gatran irudin parin
    kinra lukast profen oxicam coxib fenac platin poside rubicin taxel tecan vinca blastine cristine
    relbine terol tropium clidinium metasone solone nisone onide peridone apine piprazole rasidone
    peridol triptyline pramine prazosin azosin stigmine vaptan virine vudine citabine uridine fungin
    bactam penem sulfam kacin relin relix tocin pressin plase mustine fosfamide trexate trexed limus
    imod nersen siran cept tacept ercept stim grastim poetin fenacin sentan ciguat glinide formin
    semaglutide zepine bamate racetam gabalin gabatin steride lutamide estrant oxifene trozole
    estradiol gestrel gestone progestin terone quine quin oquine nidazole bendazole vermectin sporin
    cycloserine thromycin nitrate pidem plon orexant melteon serod tegaserod prost prostone tadine
    rizine astine phylline methasone orphan orphine codone morphone nalone altrexone fentanil caftor
    lumacaftor adenant trigine suximide toin zolamide prazide amiloride renone anserin tapine
    midazole cillins statins sartans statine stinel paride pitant dipitant abine sone dopa
    giline capone ergoline criptine pexole nirole mantine pezil tacrine dilol nidine iodarone ilide
    cainide digoxin xantrone amrinone vancin zolid oxazine pirone aserin rsen parsen
    begron
    """.split()  # noqa: SIM905
)
DRUGS = frozenset(
    """
    adrenaline noradrenaline epinephrine norepinephrine fluvoxamine phenylephrine octreotide
    hydroxocobalamin terbutaline protamine andexanet flumazenil mupirocin apremilast tretinoin
    glucagon dopamine ketamine thiopental suxamethonium neostigmine atropine glycopyrronium
    hyoscine loratadine chlorphenamine diphenhydramine promethazine lactulose senna sumatriptan
    nifedipine felodipine doxazosin bendroflumethiazide dabigatran tamoxifen goserelin leuprorelin
    acetaminophen paracetamol aspirin acetylsalicylate ibuprofen naproxen diclofenac ketorolac
    colchicine allopurinol febuxostat probenecid warfarin acenocoumarol phenprocoumon heparin
    fondaparinux clopidogrel ticagrelor prasugrel dipyridamole digoxin amiodarone dronedarone
    sotalol verapamil diltiazem adenosine procainamide quinidine lidocaine mexiletine flecainide
    nitroglycerin isosorbide hydralazine minoxidil clonidine methyldopa spironolactone eplerenone
    furosemide torsemide bumetanide hydrochlorothiazide chlorthalidone indapamide amiloride
    triamterene acetazolamide mannitol ezetimibe niacin gemfibrozil fenofibrate metformin glipizide
    glyburide glibenclamide gliclazide glimepiride tolbutamide pioglitazone acarbose insulin
    exenatide liraglutide semaglutide levothyroxine liothyronine methimazole carbimazole
    propylthiouracil hydrocortisone prednisone prednisolone dexamethasone methylprednisolone
    fludrocortisone budesonide fluticasone salbutamol albuterol salmeterol formoterol ipratropium
    tiotropium theophylline montelukast omalizumab cromolyn omeprazole ranitidine famotidine
    cimetidine misoprostol sucralfate metoclopramide domperidone ondansetron loperamide lactulose
    bisacodyl mesalamine mesalazine sulfasalazine azathioprine mercaptopurine methotrexate
    leflunomide hydroxychloroquine chloroquine cyclosporine ciclosporin tacrolimus sirolimus
    everolimus mycophenolate cyclophosphamide infliximab adalimumab etanercept rituximab tocilizumab
    abatacept anakinra amoxicillin ampicillin penicillin cephalexin cefalexin cefuroxime ceftriaxone
    cefotaxime ceftazidime cefepime meropenem imipenem ertapenem gentamicin tobramycin amikacin
    streptomycin azithromycin clarithromycin erythromycin doxycycline tetracycline minocycline
    ciprofloxacin levofloxacin moxifloxacin clindamycin vancomycin linezolid daptomycin
    metronidazole nitrofurantoin trimethoprim sulfamethoxazole cotrimoxazole fosfomycin rifampicin
    rifampin isoniazid pyrazinamide ethambutol bedaquiline colistin fluconazole itraconazole
    voriconazole amphotericin caspofungin nystatin terbinafine griseofulvin acyclovir valacyclovir
    ganciclovir oseltamivir remdesivir ribavirin sofosbuvir zidovudine lamivudine tenofovir
    emtricitabine efavirenz ritonavir lopinavir darunavir dolutegravir raltegravir ivermectin
    albendazole mebendazole praziquantel quinine artemether artesunate mefloquine primaquine
    atovaquone proguanil lithium valproate carbamazepine oxcarbazepine lamotrigine levetiracetam
    topiramate phenytoin phenobarbital ethosuximide gabapentin pregabalin zonisamide lacosamide
    clonazepam diazepam lorazepam midazolam alprazolam zolpidem fluoxetine sertraline paroxetine
    citalopram escitalopram venlafaxine duloxetine bupropion mirtazapine trazodone amitriptyline
    nortriptyline imipramine clomipramine haloperidol chlorpromazine risperidone olanzapine
    quetiapine clozapine aripiprazole ziprasidone methylphenidate atomoxetine amphetamine modafinil
    donepezil rivastigmine galantamine memantine levodopa carbidopa pramipexole ropinirole
    rotigotine selegiline rasagiline entacapone amantadine baclofen tizanidine dantrolene morphine
    oxycodone hydrocodone codeine fentanyl tramadol methadone buprenorphine naloxone naltrexone
    ketamine propofol etomidate thiopental succinylcholine rocuronium vecuronium neostigmine
    atropine epinephrine adrenaline norepinephrine dopamine dobutamine vasopressin milrinone
    oxytocin ergometrine mifepristone magnesium clomiphene letrozole anastrozole tamoxifen
    raloxifene estradiol progesterone levonorgestrel medroxyprogesterone testosterone finasteride
    dutasteride tamsulosin sildenafil tadalafil oxybutynin tolterodine mirabegron desmopressin
    alendronate risedronate zoledronate denosumab teriparatide calcitonin calcitriol cisplatin
    carboplatin oxaliplatin doxorubicin epirubicin daunorubicin bleomycin vincristine vinblastine
    paclitaxel docetaxel etoposide irinotecan topotecan gemcitabine fluorouracil capecitabine
    cytarabine temozolomide dacarbazine ifosfamide melphalan busulfan imatinib dasatinib nilotinib
    erlotinib gefitinib osimertinib sorafenib sunitinib lapatinib trastuzumab bevacizumab cetuximab
    pembrolizumab nivolumab ipilimumab bortezomib lenalidomide thalidomide pomalidomide ruxolitinib
    tofacitinib baricitinib ibrutinib venetoclax olaparib natalizumab ocrelizumab fingolimod
    glatiramer interferon peginterferon riluzole edaravone nusinersen eculizumab ivacaftor
    pirfenidone nintedanib bosentan hydroxyurea deferasirox erythropoietin epoetin filgrastim iron
    ferrous folate cyanocobalamin thiamine pyridoxine tranexamic aprotinin alteplase tenecteplase
    streptokinase urokinase eptifibatide abciximab tirofiban dabigatran rivaroxaban apixaban
    edoxaban enoxaparin dalteparin tinzaparin bivalirudin argatroban botulinum cannabidiol
    ursodeoxycholic cholestyramine orlistat phentermine varenicline nicotine disulfiram acamprosate
    sumatriptan ergotamine erenumab galcanezumab fremanezumab flunarizine cinnarizine betahistine
    loratadine cetirizine fexofenadine diphenhydramine promethazine hydroxyzine cyproheptadine
    isotretinoin acitretin tretinoin methoxsalen tazarotene sacubitril ivabradine ranolazine
    trimetazidine evolocumab alirocumab inclisiran melatonin ramelteon suvorexant caffeine
    aminophylline surfactant palivizumab tolvaptan conivaptan finerenone sevelamer cinacalcet
    patiromer teprotumumab resmetirom ganaxolone fenfluramine stiripentol tirzepatide dapagliflozin
    empagliflozin canagliflozin sitagliptin saxagliptin vildagliptin linagliptin alogliptin
    """.split()  # noqa: SIM905
)
NOT_DRUGS = frozenset(
    """
    cholesterol oxysterol dehydrocholesterol concept concepts intercept intercepts harlequin andersen
    disclaimer abdomen apparent anymore alone hormone ketone milestone cornerstone backbone limestone gemstone
    medicine machine doctrine routine vaccine urine marine pristine combine determine examine refine
    baseline guideline decline discipline online offline saline outline pipeline adenine guanine
    cytosine thymine tyrosine serine cytokine chemokine intestine quarantine masculine feminine
    crystalline alkaline membrane reservoir memoir souvenir adverse reverse diverse universe
    glycosylated dysplasia influenza microbiome endosome lysosome ribosome chromosome peroxisome
    exosome proteasome transporter nucleotide peptide polypeptide oligonucleotide dinucleotide
    fructose glucose proteinase endocrine paracrine autocrine exocrine purine pyrimidine creatine
    histidine uridine cytidine adenosine hypothalamus glutamine arginine lysine alanine glycine
    valine leucine isoleucine methionine tryptophan proline cysteine phenylalanine asparagine
    threonine dopamine serotonin histamine carnitine taurine ornithine citrulline homocysteine
    cystine testosterone aldosterone corticosterone collagen overcome outcome become somatostatin
    cystatin myostatin angiostatin endostatin nystatin
    """.split()  # noqa: SIM905
)
