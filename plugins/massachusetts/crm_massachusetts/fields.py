"""What Connecting Activities asks of employers. The roles are those that the network itself offers employers (massconnecting.org), what makes
a placement one of its own is its definition of placements (Massachusetts Work-Based Learning Plan, "Definition: Connecting Activities Placements")."""

from crm.sdk import Choice, CustomField

FIELDS = [
    CustomField(
        subject="employer", key="massachusetts_ca_roles", kind="choices",
        label_en="Connecting Activities: ready for", label_es="Connecting Activities: dispuesto a",
        purpose_en="So that staff ask for what the employer is ready for. These are the ways to take part that Connecting Activities offers.",
        purpose_es="Para que el personal pida aquello a lo que el empleador está dispuesto. Estas son las formas de participar que ofrece Connecting Activities.",
        choices=(
            Choice("work_based_learning", "Hosting students for work-based learning", "Recibir estudiantes para aprender en el trabajo"),
            Choice("career_days", "Career days", "Jornadas de carreras"),
            Choice("guest_speakers", "Guest speakers", "Charlas invitadas"),
            Choice("teacher_externships", "Teacher externships", "Estancias de docentes"),
            Choice("company_tours", "Company tours", "Visitas a la empresa"),
        ),
        portal="edited",
    ),
    CustomField(
        subject="employer", key="massachusetts_ca_recruited", kind="yes_no", sensitivity="staff",
        label_en="Recruited by Connecting Activities staff", label_es="Captado por personal de Connecting Activities",
        purpose_en="A placement counts for Connecting Activities only where its staff took part, such as by recruiting the employer and making the placement.",
        purpose_es="Una colocación cuenta para Connecting Activities solo si participó su personal, por ejemplo captando al empleador y haciendo la colocación.",
        help_en="Staff count if Connecting Activities pays them, fully or partly, or a local partnership formally names them.",
        help_es="Cuenta el personal pagado, del todo o en parte, por Connecting Activities, o vinculado formalmente por una alianza local.",
    ),
]  # fmt: skip
