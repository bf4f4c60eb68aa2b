"""The invented shop of the demo: its departments, people, places and topics; none of them exists."""

from dataclasses import dataclass

ORGANISATION = "Finch and Fern"
TIMEZONE = "Europe/London"
WALL = "Staff room"
ACCENT = "#2f6b4f"
DOMAIN = "finch-and-fern.example"  # .example is reserved (RFC 2606): no mail can reach anybody there


@dataclass(frozen=True, slots=True)
class Member:
    """One person: where they work, and what they have beyond that."""

    name: str
    department: str
    email: str | None
    public_name: str = ""  # where customers know them by less than their name
    manages: str | None = None
    is_admin: bool = False
    is_shown: bool = True

    @property
    def role(self) -> str:
        """'employee', 'manager' or 'admin'."""
        return "admin" if self.is_admin else "manager" if self.manages else "employee"


@dataclass(frozen=True, slots=True)
class Site:
    """A place with its spots, and the department that runs it."""

    name: str
    department: str
    spots: tuple[str, ...]


# Each with the department above it; those above come first.
DEPARTMENTS = {
    ORGANISATION: None,
    "Garden shop": ORGANISATION,
    "Café": ORGANISATION,
    "Kitchen": "Café",
    "Deliveries": ORGANISATION,
    "Packing": "Deliveries",
    "Drivers": "Deliveries",
}

PEOPLE = (
    Member("Helen Marsh", ORGANISATION, f"helen@{DOMAIN}", manages=ORGANISATION, is_shown=False),
    Member("Ines Vogel", ORGANISATION, f"ines@{DOMAIN}", is_admin=True, is_shown=False),
    Member("Tomas Reuter", "Garden shop", f"tomas@{DOMAIN}", manages="Garden shop"),
    Member("Maria Lind", "Garden shop", f"maria@{DOMAIN}"),
    Member("Ben Carter", "Garden shop", f"ben@{DOMAIN}", public_name="Ben"),
    Member("Amira Haddad", "Café", f"amira@{DOMAIN}", manages="Café"),
    Member("Leila Aziz", "Café", f"leila@{DOMAIN}", public_name="Leila"),
    Member("Jonas Weber", "Café", f"jonas@{DOMAIN}", public_name="Jonas"),
    Member("Pete Novak", "Kitchen", None, public_name="Pete"),
    Member("Grace Okafor", "Deliveries", f"grace@{DOMAIN}", manages="Deliveries"),
    Member("Sam Ortega", "Packing", f"sam@{DOMAIN}", public_name="Sam"),
    Member("Nadia Petrova", "Packing", f"nadia@{DOMAIN}", is_shown=False),
    Member("Kofi Mensah", "Drivers", f"kofi@{DOMAIN}", public_name="Kofi"),
)

SITES = (
    Site("Mill Lane", "Garden shop", ("Till 1", "Plant benches", "Collection point")),
    Site("Riverside", "Café", ("Counter", "Table 4", "Terrace")),
)

TOPICS = {
    "Plant quality": "Garden shop",
    "Advice": "Garden shop",
    "Prices and labels": "Garden shop",
    "Waiting time": "Café",
    "Food and drink": "Kitchen",
    "Packing": "Packing",
    "Missing parts": "Packing",
    "Delivery": "Drivers",
    "Opening hours": ORGANISATION,
    "Toilets and parking": ORGANISATION,
}

# What the three printed codes point at.
LINKED_PERSON = "Maria Lind"
LINKED_DEPARTMENT = "Deliveries"
LINKED_PLACE = "Table 4"
LINKED = (LINKED_PERSON, LINKED_DEPARTMENT, LINKED_PLACE)
