"""What invented identifiers are made of, chosen apart from the lists of the rules; no real person."""

from collections.abc import Mapping, Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WORDS: Mapping[str, Sequence[str]] = {
    "given": _words(
        """
        Marguerite Oluwaseun Thaddeus Saoirse Bartholomew Xiomara Ignatius Zsofia Desmond Perpetua
        Tarquin Ngozi
        Leopold Anneliese Kwame Svetlana Rosalind Mordecai Yevgenia Cuthbert Padmini Lorcan Ottilie
        Bronwyn Eustace
        Chiamaka Fergus Wilhelmina Anselm Dorothea James Patricia Robert Linda Carlos Fatima Wei
        Priya Hannah Susan
        Michael Jennifer Daniel Barbara Ahmed Olga Kenneth Ruth Thomas Maria
        """
    ),
    "surname": _words(
        """
        Abernathy Blackwood Cavanaugh Delacroix Eberhardt Fotheringham Grzybowski Halloran Ivanovich Jorgensen
        Kilpatrick Lindqvist Macallister Nwosu Oyelaran Pemberton Quigley Rasmusdottir Silverstein Thistlewood
        Underhill Villanueva Wojciechowski Yarborough Zimmerman Ashdown Birchwood Castellanos Drummond
        Featherstone Smith Garcia Nguyen Patel Johnson Lopez Kim Anderson Brown Lee
        """
    ),
    "city": _words(
        """
        Bakersfield Chattanooga Duluth Evansville Fargo Galveston Harrisburg Kalamazoo Lubbock Missoula Ocala
        Poughkeepsie Scranton Tallahassee Waukesha Yonkers Boston Denver Seattle Rochester
        """
    ),
    "street": _words(
        """
        Maplewood Chestnut Prospect Riverside Lakeshore Sycamore Wellington Cedarcrest Hawthorne
        Magnolia Juniper
        Orchard Franklin Cypress Beaumont
        """
    ),
    "state": (
        "California",
        "Tennessee",
        "Minnesota",
        "North Dakota",
        "Texas",
        "Florida",
        "Pennsylvania",
        "Oregon",
    ),
    "code": _words("CA TN MN ND TX FL PA OR NY WI"),
    "month": _words("January February March April May June July August September October November December"),
    "mon": _words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    "weekday": _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "drug": _words(
        """
        apixaban metformin lisinopril amiodarone methotrexate lithium digoxin clopidogrel levothyroxine
        prednisolone rivaroxaban sertraline
        """
    ),
    "disease": (
        "atrial fibrillation",
        "type 2 diabetes",
        "Crohn's disease",
        "Parkinson disease",
        "asthma",
        "COPD",
        "Graves disease",
        "rheumatoid arthritis",
        "epilepsy",
        "stage 3 CKD",
    ),
    "domain": _words("example.org example.com mail.example.net clinic.example.org uni.example.edu"),
}
