"""Pages of jobs, plugins, mail and the record."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm import __version__, audit
from crm.access import Actor, Permission, load, visible
from crm.administration import actions, tables
from crm.alerts import standing
from crm.database import fetch
from crm.errors import NotFound
from crm.forms import form_for, read_form
from crm.mail import WITH_LINK
from crm.manifests import granted_in_words
from crm.measuring import MEASURES, measure
from crm.plugins import Plugin, active
from crm.server_versions import servers
from crm.settings import in_force
from crm.sql import TRUE, Sql, both
from crm.translation import _
from crm.web import AnyRequest, at_work, needs, program_of, redirect, render

assert tables  # its sights are declared on import
PAGE = 50


@get("/settings", guards=[needs(Permission.SEE_SETTINGS)])
async def overview(request: AnyRequest) -> Response[str]:
    return render(request, "pages/administration/overview.html", in_force=in_force(program_of(request).settings),
                  alerts=standing(await measure(program_of(request))))  # fmt: skip


@get("/status", guards=[needs(Permission.SEE_SETTINGS)])
async def show_status(request: AnyRequest) -> Response[str]:
    """How the installation does, and what to do about it."""
    found = await measure(program_of(request))
    shown = [(each.title, each.words(found[each.name])) for each in MEASURES if each.name in found]
    return render(request, "pages/administration/status.html", measures=shown, alerts=standing(found),
                  servers=await servers(program_of(request)), version=__version__)  # fmt: skip


@get("/jobs", guards=[at_work])
async def list_jobs(
    request: AnyRequest, actor: NamedDependency[Actor], show: FromQuery[str] = ""
) -> Response[str]:
    where = both([visible(actor, "job", "j"), Sql("j.state = {}", show) if show else TRUE])
    jobs = await fetch(
        Sql(f"select j.*, a.name as by_name from job j left join account a on a.id = j.account_id where {{}} "
            f"order by j.created_at desc limit {PAGE}", where)  # fmt: skip
    )
    return render(request, "pages/administration/jobs.html", block="rows", jobs=jobs, show=show)


@get("/jobs/{job_id:uuid}", guards=[at_work])
async def show_job(request: AnyRequest, actor: NamedDependency[Actor], job_id: FromPath[UUID]) -> Response[str]:
    """How far the work is. The page asks again by itself while it runs, and survives a reload."""
    job = await load(actor, "job", job_id)
    return render(request, "pages/administration/job.html", block="progress", job=job)


@post("/jobs/{job_id:uuid}/stop", guards=[at_work])
async def stop_job(request: AnyRequest, actor: NamedDependency[Actor], job_id: FromPath[UUID]) -> Response[Any]:
    await actions.stop_job(actor, job_id)
    return redirect(request, f"/jobs/{job_id}", say=_("Stopped. What was finished before stays."))


@post("/jobs/{job_id:uuid}/retry", guards=[at_work])
async def retry_job(request: AnyRequest, actor: NamedDependency[Actor], job_id: FromPath[UUID]) -> Response[Any]:
    await actions.retry_job(actor, job_id)
    return redirect(request, f"/jobs/{job_id}", say=_("It is waiting to start again."))


def _plugin(name: str) -> Plugin:
    found = next((plugin for plugin in active().plugins if plugin.name == name and not plugin.core), None)
    if found is None:
        raise NotFound(_("No plugin of that name is installed."))
    return found


@get("/plugins", guards=[needs(Permission.SEE_SETTINGS)])
async def list_plugins(request: AnyRequest) -> Response[str]:
    plugins = [plugin for plugin in active().plugins if not plugin.core]
    states = {row["name"]: row for row in await fetch("select * from plugin_state")}
    return render(request, "pages/administration/plugins.html", plugins=plugins, states=states)


@get("/plugins/{name:str}", guards=[needs(Permission.SEE_SETTINGS)])
async def show_plugin(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    plugin = _plugin(name)
    manifest = plugin.manifest
    form = None
    if manifest is not None and manifest.settings is not None:
        form = form_for(manifest.settings, initial=plugin.settings)
    granted = granted_in_words(manifest.capabilities, data_alone=manifest.data_alone) if manifest else []
    return render(request, "pages/administration/plugin.html", plugin=plugin, form=form, granted=granted)


@post("/plugins/{name:str}/switch", guards=[needs(Permission.MANAGE_PLUGINS)])
async def switch_plugin(request: AnyRequest, actor: NamedDependency[Actor], name: FromPath[str]) -> Response[Any]:
    plugin = _plugin(name)
    enabled = (await request.form()).get("enabled") == "true"
    await actions.switch_plugin(actor, plugin, enabled=enabled)
    told = _("%(name)s is switched on from the next start.") if enabled else _("%(name)s is switched off from the next start.")
    return redirect(request, f"/plugins/{name}", say=told % {"name": plugin.name})


@post("/plugins/{name:str}/settings", guards=[needs(Permission.MANAGE_PLUGINS)])
async def keep_settings(request: AnyRequest, actor: NamedDependency[Actor], name: FromPath[str]) -> Response[Any]:
    plugin = _plugin(name)
    if plugin.manifest is None or plugin.manifest.settings is None:
        raise NotFound(_("This plugin has no settings."))
    form = await read_form(plugin.manifest.settings, request)
    if not form.validate():
        granted = granted_in_words(plugin.manifest.capabilities, data_alone=plugin.manifest.data_alone)
        return render(request, "pages/administration/plugin.html", status=422, plugin=plugin, form=form, granted=granted)
    await actions.keep_settings(actor, plugin, form.struct())
    return redirect(request, f"/plugins/{name}", say=_("Saved. It takes effect at the next start."))


@get("/mail", guards=[needs(Permission.MANAGE_PLUGINS)])
async def list_mail(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """Mail that went out, or waits; without CRM_SMTP_URL it is read here."""
    smtp = program_of(request).settings.smtp_url
    # one that waited here before a server was set holds a link that may still work
    untold = sorted(WITH_LINK) if smtp else []
    messages = await fetch(
        Sql("select m.id, m.subject, m.to_address, m.created_at, m.state, m.reason, m.template, "
            "case when m.state = 'outbox' and m.template = any({}) then '' else m.text_body end as text_body "
            f"from mail_message m where {{}} order by m.created_at desc limit {PAGE}",
            untold, visible(actor, "mail_message", "m"))  # fmt: skip
    )
    return render(request, "pages/administration/mail.html", messages=messages, smtp=smtp, untold=untold)


@get("/audit", guards=[needs(Permission.SEE_AUDIT)])
async def show_audit(
    request: AnyRequest, actor: NamedDependency[Actor], before: FromQuery[int | None] = None, outcome: FromQuery[str] = "",
    who: FromQuery[str] = "", what: FromQuery[str] = "",
) -> Response[str]:  # fmt: skip
    where = both(
        [
            visible(actor, "audit_entry", "x"), Sql("x.id < {}", before) if before else TRUE,
            Sql("x.outcome = {}", outcome) if outcome else TRUE,
            Sql("x.actor_name ilike {}", f"%{who}%") if who else TRUE, Sql("x.verb ilike {}", f"%{what}%") if what else TRUE,
        ]
    )  # fmt: skip
    entries = await fetch(
        Sql("select x.*, a.name as account_name, e.name as employer_name from audit_entry x "
            "left join account a on x.subject_kind = 'account' and a.id = x.subject_id left join employer e on e.id = x.employer_id and {} "
            f"where {{}} order by x.id desc limit {PAGE}", visible(actor, "employer", "e"), where)  # fmt: skip
    )
    head = await fetch("select number, encode(hash, 'hex') as hash, sealed_at from audit_block order by number desc limit 1")
    await audit.record_disclosure(actor, "audit.read")
    return render(request, "pages/administration/audit.html", entries=entries, head=head[0] if head else None,
                  outcome=outcome, who=who, what=what, page=PAGE)  # fmt: skip


HANDLERS = [
    overview, show_status, list_jobs, show_job, stop_job, retry_job, list_plugins, show_plugin, switch_plugin, keep_settings, list_mail,
    show_audit,
]  # fmt: skip
