/*
 * The frame of every acting command that an admin types: open a session, look, do the command's own work, look again,
 * tell, save, answer. Mode and hybrid do not bind a typed command; clock and rights do.
 */
#ifndef MONITOR_SESSION_TYPED_H
#define MONITOR_SESSION_TYPED_H

#include "monitor/session/session.h"

#include <stdbool.h>

/* The command's own work on a look that could read. Returns the exit status; says by session_say what it did not do and
 * why. */
typedef int typed_work(struct session *session);

/* The result of an act that someone else overtook, told apart from one that the directory refuses for good: after
 * another look, that is when the object is as it was before. Looks only where the act was lost. */
enum act_result typed_settle(struct session *session, enum act_result result);

/* Runs it in its frame and returns the exit status to end with. */
int typed_run(const struct invocation *invocation, typed_work *work);

/* The exit status of an act. What waits for an admin's delivery is told here, with the exact next commands. */
int typed_exit(struct session *session, enum act_result result);

/* Says "authcert: ..." and returns `exit`. */
int typed_say(int exit, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* False, with the reason said, when this host's clock is wrong (by the word of servers alone: for a planned act) or the
 * account may not write, or when a planned act (other than an emergency) would be written elsewhere than at the one
 * writer, or any where none is taken. */
bool typed_may_write(struct session *session, bool planned);

/* True, with that said, when no server of the organization uses the auth certificate: there is nothing to do. */
bool typed_uses_none(struct session *session);

/* False, with the reason said, when some site has servers and none of them answered: what is planned waits for it. */
bool typed_sites_answer(struct session *session);

/* Before an act that another domain controller's state could overtake: asks the others. False, with the reason said,
 * when one of them differs and current can still be used. */
bool typed_agreed(struct session *session);

/* The counted server of this name, as it is typed or pasted: with characters that nobody sees, blanks and a last dot
 * left out. NULL when there is none, which is said. */
const struct server_facts *typed_server(const struct facts *facts, const char *typed, struct error *err);

#endif
