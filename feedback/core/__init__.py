"""What the product knows: one noun a file, each knowing only those before it in ORDER."""

ORDER = (
    "organisation",
    "people",
    "accounts",
    "access",
    "limits",
    "links",
    "submissions",
    "history",
    "notices",
    "routing",
    "praise",
    "cases",
    "conversations",
    "counts",
    "intake",
    "retention",
    "imports",
    "demo",
    "doctor",
)
