"""The part of the demonstration about a hybrid organization: the first upload by a person, and from then on nobody. What
answers as Entra is the stand-in of entra.py, and the text says so."""

import re

import entra
import exchange
import pki
from narrate import expect, show, step, type_command
from program import configuration


def organization(app):
    """Northwind, whose auth server names the tenant and the application of the stand-in."""
    server = exchange.AuthServer(f"EvoSts - {app.tenant}", application=app.id, realm=app.tenant)
    return exchange.Organization(name="Northwind", servers=exchange.servers(2), data=[], hybrid=True, auth_servers=[server],
                                 current=pki.auth_certificate(50, key=pki.new_key()))


def acts(seen):
    return re.findall(r"^  ([\w-]+) [0-9A-F]{40}: ok$", seen.stdout, re.M)


def follow(site, cloud, app):
    program, old = site.program, site.certificate.thumbprint

    def night(day):
        at = site.clock(day)
        cloud.clock = lambda: at
        seen = type_command(program, "run", only=["Entra", "Decision", "Done", "Told"], now=at)
        site.bring()
        return seen

    step("A hybrid organization", "Northwind's mailboxes are partly in Exchange Online. Exchange asks there for free/busy "
         "times as an application in Entra, with the key of the auth certificate: so Entra must know the next "
         "certificate's key before it takes over. What answers here is a STAND-IN for Entra, on loopback: it verifies "
         "what is signed with other people's libraries, and nothing of this was ever tried on a real tenant.")
    site.add_delivery()
    program.change("policy", mode="renew", lifetime="200d", renew_before="60d")
    program.change("entra", **cloud.section(mode="add"))
    show(configuration({"entra": program.sections["entra"]}))
    type_command(program, "entra", "status")

    step("run: made and delivered, and not staged", "Entra has no key yet that this host holds, so it can be given none. "
         "The new certificate waits, and a mail says what a person does once, with everything filled in.")
    seen = night(0)
    expect(acts(seen) == ["deliver"], "it did something else than deliver", seen)
    expect("entra" in seen.stdout, "it did not name what holds it back", seen)
    site.configured.expect_unchanged()
    (candidate,) = [path.stem for path in (program.state / "keys").glob("*.candidate")]
    site.mailbox.take(app.id, app.tenant, candidate, "--append", only=["What to do"])

    step("The first upload", "An administrator uploads the certificate in the portal, once, and adds the application's "
         "object identifier to the configuration. Nothing else has to be configured.")
    app.upload(entra.Key((program.state / "certificates" / f"{candidate}.der").read_bytes()))
    program.change("entra", object_id=app.object_id)
    show("the application's keys now:\n" + "\n".join(app.thumbprints()))

    step("run, the next night", "Entra accepts the key: only now is the certificate staged.")
    seen = night(1)
    expect(acts(seen) == ["stage"], "it was not staged", seen)
    site.configured.expect_change(f"0:{old}", f"2:{candidate}")
    site.mailbox.take(candidate, only=["What was done"])

    step("It takes over, and half a year later the next one comes by itself",
         "(lifetime = 200d here, so that this need not wait five years.) The following key pair is given to Entra with the "
         "proof of the present one, Entra is asked until it accepts it, and then it is staged. Nobody was asked.")
    for day, about in ((32, candidate), (40, old)):
        night(day)
        site.mailbox.take(about, only=["What was done"])
    site.configured.expect_change(f"0:{candidate}")
    seen = night(150)
    expect(acts(seen) == ["deliver", "entra-add", "stage"], "it did not go by itself", seen)
    expect(len(app.keys) == 2 and app.keys[0].thumbprint == candidate, "the application has other keys", app.thumbprints())
    following = app.keys[1].thumbprint
    site.configured.expect_change(f"0:{candidate}", f"2:{following}")
    show("the application's keys now:\n" + "\n".join(app.thumbprints()))
    site.mailbox.take(following, only=["What was done"])
