"""What looks like an identifier and is public: the numbers of the literature and the codes of medicine."""

import re
from collections.abc import Iterator

_PUBLIC = re.compile(
    r"""(?ix)
    \b(?:pmid|pubmed\ id|pubmed)[:#\s]{0,3}\d{4,8}\b
    | \bPMC\s?\d{4,9}\b
    | \b(?:NCT|ISRCTN|ACTRN|ChiCTR|UMIN|DRKS|CTRI|JPRN|CRD|NTR|KCT|IRCT)[-:\s]?[\d/-]{4,20}\b
    | \beudract(?:\ (?:no\.?|number))?[:\s]{0,2}\d{4}-\d{6}-\d{2}\b
    | \b10\.\d{4,9}/[^\s,;"<>]{1,120}
    | \b(?-i:rs|ss)\d{3,12}\b
    | \b(?:ENS[A-Z]{0,4}[GTPE]|GSE|GSM|GDS|SRR|SRP|PRJNA|UniProt[KB]{0,2}:?\s?)\d{2,15}\b
    | \b[NX][MPRCTGW]_\d{5,12}(?:\.\d{1,3})?
    | \bEC\s?\d{1,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b
    | \b(?:EC|version|ver|v)[.\s]?\d{1,3}(?:\.\d{1,4}){1,3}\b
    | \b\d{2,7}-\d{2}-\d\b
    | \b(?:CAS|OMIM|MIM|HGNC|DrugBank|ATC|ICD(?:-?(?:9|10|11))?(?:-CM)?|SNOMED|LOINC|MeSH|ISSN|ISBN|ORCID
        |RxNorm|CVCL|ORPHA|KEGG|
        ChEMBL|PubChem|ATCC|DSM)(?:\ (?:no\.?|number|id|code|codes|registry\ number|CID))?
        [:#\s]{0,3}[A-Z]{0,3}[-_:]?\d[\dA-Z.:-]{0,24}
    | \b(?-i:GO|HP):\d{4,9}\b
    | \b(?:chr|chromosome\s)?(?:\d{1,2}|[XY])[pq]\d{1,2}(?:\.\d{1,2})?(?:-[pq]?\d{1,2}(?:\.\d{1,2})?)?
    | \b[A-Z]{1,4}\d?\*\d{1,3}(?::\d{1,3}){0,3}
    | \b(?:https?://)?(?:www\.|[a-z]{2,10}\.){0,3}(?:clinicaltrials\.gov|nih\.gov|cdc\.gov|fda\.gov|who\.int|doi\.org|
        nice\.org\.uk|europa\.eu|cochranelibrary\.com|cochrane\.org|uptodate\.com|medlineplus\.gov|drugs\.com|
        pubmed\.gov|crossref\.org|creativecommons\.org|prisma-statement\.org)\b(?:/[\w./-]{0,120})?(?![\w?=@])
    """
)


def public(text: str) -> Iterator[tuple[int, int]]:
    """Spans that no finding may lie in, in order."""
    return (match.span() for match in _PUBLIC.finditer(text))
