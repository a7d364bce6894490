"""What the demonstration is made of. Companies and people are invented; any likeness is chance."""

# (first half of a name, NAICS 2022 code, usual numbers of employees, what they would offer)
LINES = (
    ("Advanced Machining", "332710", (18, 140), "a machining internship"),
    ("Precision Optics", "333310", (25, 180), "a metrology internship"),
    ("Community Health Center", "621498", (60, 400), "a medical assistant placement"),
    ("Family Dental", "621210", (6, 24), "a job shadow at the front desk"),
    ("Senior Living", "623312", (40, 220), "a nursing assistant placement"),
    ("Early Learning Center", "624410", (10, 45), "a classroom aide placement"),
    ("Marine Services", "488390", (5, 40), "a boatyard internship"),
    ("Seafood Company", "424460", (12, 90), "a summer job on the packing line"),
    ("Electric", "238210", (8, 75), "a pre-apprenticeship in electrical work"),
    ("Plumbing & Heating", "238220", (6, 60), "a pre-apprenticeship in plumbing"),
    ("Builders", "236115", (5, 50), "a carpentry internship"),
    ("Robotics", "333998", (15, 160), "an engineering internship"),
    ("Biologics", "325414", (30, 320), "a laboratory internship"),
    ("Software", "541511", (8, 120), "a web development internship"),
    ("Data Systems", "518210", (12, 140), "a help-desk internship"),
    ("Design Studio", "541430", (4, 22), "a graphic design internship"),
    ("Credit Union", "522130", (14, 110), "a member services internship"),
    ("Insurance Agency", "524210", (5, 30), "an office internship"),
    ("Farm", "111219", (4, 35), "a summer job on the farm"),
    ("Orchards", "111331", (5, 40), "an autumn job in the orchard"),
    ("Bakery", "311811", (6, 48), "a culinary internship"),
    ("Kitchen", "722511", (10, 60), "a culinary internship"),
    ("Inn", "721110", (12, 90), "a hospitality placement"),
    ("Auto Care", "811111", (5, 26), "an automotive internship"),
    ("Printing", "323111", (8, 60), "a print production internship"),
    ("Paper Company", "322299", (35, 200), "a maintenance internship"),
    ("Logistics", "493110", (25, 260), "a warehouse operations internship"),
    ("Veterinary Hospital", "541940", (9, 50), "a kennel aide job"),
    ("Theatre", "711110", (7, 40), "a stagecraft internship"),
    ("Museum", "712110", (10, 80), "a visitor services internship"),
)
PLACES_IN_NAMES = (
    "Harborview", "Quaboag", "Old Mill", "Granite Hill", "Blue Heron", "Wachusett Row", "Pioneer", "Seven Bridges",
    "Tidewater", "Cranberry Lane", "North Star", "Liberty Square", "Red Brick", "Stonewall", "Elm Street",
    "Lighthouse", "Riverbend", "Maple & Main", "Beacon Row", "Copper Kettle", "Three Rivers", "Salt Marsh",
    "Hilltown", "Mohawk Trail", "Silver Birch", "Canal Street", "Fairhaven Point", "Juniper", "Kestrel", "Osprey",
)  # fmt: skip
SUFFIXES = ("Inc.", "LLC", "Inc.", "LLC", "Co.", "Corp.", "")
GIVEN = (
    "Ana", "Marcus", "Priya", "Tomás", "Aisha", "Daniel", "Linh", "Grace", "Rafael", "Nadia", "Owen", "Mei", "Jamal",
    "Sofía", "Patrick", "Yara", "Kevin", "Elena", "Samuel", "Fatima", "Theo", "Camila", "Andre", "Hannah", "José",
    "Ruth", "Dmitri", "Amara", "Luis", "Beatriz",
)  # fmt: skip
FAMILY = (
    "Alvarez", "Bennett", "Chowdhury", "Doyle", "Espinosa", "Ferreira", "Greene", "Huang", "Ibrahim", "Jackson",
    "Kowalski", "Lopes", "Mensah", "Nguyen", "O'Connell", "Peña", "Quinn", "Rosario", "Silva", "Tran", "Usher",
    "Vieira", "Washington", "Xiong", "Young", "Zamora", "Baptiste", "Carvalho", "Dubois", "Eze",
)  # fmt: skip
ROLES = (
    "Owner", "HR manager", "General manager", "Training coordinator", "Plant manager", "Office manager",
    "Director of people", "Shop supervisor",
)  # fmt: skip
STREETS = (
    "Main Street", "Elm Street", "Water Street", "Pleasant Street", "Union Street", "Mill Road", "School Street",
    "Summer Street", "Park Avenue", "Industrial Way", "Washington Street", "High Street",
)  # fmt: skip
# A town and one of its ZIP codes, for each board: where the demonstration's employers are.
TOWNS = {
    "Berkshire": (("Pittsfield", "01201"), ("North Adams", "01247"), ("Great Barrington", "01230"), ("Lee", "01238")),
    "Cape & Islands": (("Barnstable", "02630"), ("Falmouth", "02540"), ("Nantucket", "02554"), ("Sandwich", "02563")),
    "Central": (("Worcester", "01608"), ("Southbridge", "01550"), ("Shrewsbury", "01545"), ("Milford", "01757")),
    "North Central": (("Fitchburg", "01420"), ("Gardner", "01440"), ("Leominster", "01453")),
    "Boston": (("Boston", "02110"), ("Boston", "02124"), ("Boston", "02128")),
    "Metro North": (("Cambridge", "02139"), ("Chelsea", "02150"), ("Woburn", "01801"), ("Malden", "02148")),
    "Metro South/West": (("Framingham", "01702"), ("Norwood", "02062"), ("Marlborough", "01752"), ("Acton", "01720")),
    "Greater Lowell": (("Lowell", "01852"), ("Billerica", "01821"), ("Chelmsford", "01824")),
    "Merrimack Valley": (("Lawrence", "01840"), ("Haverhill", "01830"), ("Andover", "01810")),
    "North Shore": (("Salem", "01970"), ("Lynn", "01902"), ("Gloucester", "01930"), ("Beverly", "01915")),
    "Franklin Hampshire": (("Greenfield", "01301"), ("Northampton", "01060"), ("Amherst", "01002"), ("Athol", "01331")),
    "Hampden County": (("Springfield", "01103"), ("Holyoke", "01040"), ("Chicopee", "01013"), ("Westfield", "01085")),
    "Bristol": (("Taunton", "02780"), ("Fall River", "02720"), ("Attleboro", "02703")),
    "Greater Brockton": (("Brockton", "02301"), ("Stoughton", "02072"), ("Bridgewater", "02324")),
    "Greater New Bedford": (("New Bedford", "02740"), ("Dartmouth", "02747"), ("Fairhaven", "02719")),
    "South Shore": (("Quincy", "02169"), ("Plymouth", "02360"), ("Weymouth", "02188")),
}
CALLS = (
    "Asked whether they would host a student this spring", "Called back about the tour", "Left a message",
    "Talked through what a 16-year-old may do there", "Confirmed the visit on Thursday", "Asked who carries insurance",
)  # fmt: skip
VISITS = ("Toured the shop floor", "Met the supervisor who would train students", "Walked through the safety checklist")
NOTES = (
    "Prefers mornings, after the first shift starts.", "Hosted two students years ago and liked it.",
    "Wants to see the agreement before the next meeting.", "Bus line 12 stops at the door.",
)  # fmt: skip
NEXT_STEPS = ("Call about dates", "Send the agreement", "Visit the site", "Ask for a supervisor", "Confirm slots", "")
DECLINED = ("no_staff_time", "insurance_or_minors", "no_suitable_tasks", "timing")
TASKS = ("Send the flyer in both languages", "Ask the school for dates", "Prepare the visit", "Thank them for the tour",
         "Look up who carries insurance", "Bring the job description template", "Introduce the new coordinator")  # fmt: skip
# name, subject and text in English, in Spanish
TEMPLATES = (
    ("First hello", "Students who could work with you, {employer}",
     "Dear {first_name},\n\nschools near {city} look for places where students can learn at work: a job shadow of a day, or an internship of "
     "some weeks. We prepare them, and we explain who covers what.\n\nMay I call you this week?\n\n{sender}\n{board}",
     "Estudiantes que podrían trabajar con ustedes, {employer}",
     "Estimado/a {first_name}:\n\nlas escuelas cerca de {city} buscan lugares donde los estudiantes aprendan en el trabajo: una visita de un día o "
     "unas prácticas de varias semanas. Nosotros los preparamos y explicamos quién cubre qué.\n\n¿Puedo llamarle esta semana?\n\n{sender}\n{board}"),
    ("Summer slots", "How many students this summer, {employer}?",
     "Dear {first_name},\n\nwe plan the summer now. How many students could {employer} host, and from when?\n\nA short answer is enough.\n\n{sender}\n{board}",
     "¿Cuántos estudiantes este verano, {employer}?",
     "Estimado/a {first_name}:\n\nestamos planificando el verano. ¿Cuántos estudiantes podría recibir {employer} y desde cuándo?\n\nBasta una respuesta breve.\n\n{sender}\n{board}"),
    ("Invitation to an event", "You are invited: {event}",
     "Dear {first_name},\n\nwe would like to see {employer} at our event: {event}\n{when}\n{where}\n\nAre you coming? One press says so: {rsvp}\n\n{sender}\n{board}",
     "Le invitamos: {event}",
     "Estimado/a {first_name}:\n\nnos gustaría ver a {employer} en nuestro evento: {event}\n{when}\n{where}\n\n¿Viene? Basta pulsar aquí: {rsvp}\n\n{sender}\n{board}"),
)  # fmt: skip
