/*
 * A security context between an account and one service (GSS-API with Kerberos, RFC 4121): the tokens that make it, and
 * what is sealed in it afterwards. How the tokens travel is the caller's. What comes twice, late or out of order is an
 * attack, never a remark. Buffers that are returned are released with gss_release_buffer.
 */
#ifndef KERBEROS_CONTEXT_H
#define KERBEROS_CONTEXT_H

#include "base/error.h"
#include "kerberos/ticket.h"

#include <gssapi/gssapi.h>
#include <stdbool.h>
#include <stddef.h>

#define CONTEXT_BINDING_SIZE 96

struct context;

/* Begins one; free with context_free. It owns the ticket from here on, also on failure. `seal`: what follows can be
 * encrypted, or there is no context. `binding`: of the channel below (context_binding); a length of 0 = there is none.
 */
bool context_make(struct ticket *ticket, bool seal, const void *binding, size_t length, struct context **ret_context,
                  struct error *err) MUST_CHECK;

/* From here on the tokens are those of SPNEGO (RFC 4178), with Kerberos inside: before the first step. */
void context_negotiate(struct context *context);

/* One turn: takes the peer's token (at first an empty one) and gives ours, which may be empty. *ret_done: the context
 * stands, and the service has proved who it is. Errors as those of a ticket. */
bool context_step(struct context *context, const gss_buffer_desc *in, gss_buffer_desc *ret_out, bool *ret_done,
                  struct error *err) MUST_CHECK;

/* Protects bytes, and with `secret` encrypts them. */
bool context_seal(struct context *context, bool secret, const gss_buffer_desc *plain, gss_buffer_desc *ret_token,
                  struct error *err) MUST_CHECK;

/* Encrypts bytes in their place, and gives what goes before them; what `ret_after` gives follows them. Unlike a token
 * of context_seal it needs no copy of the bytes, and is of the form that Windows makes and takes (header and trailer in
 * front: RFC 4121, 4.2.5). Our own `context_open` and the peer take the three parts one after the other. */
bool context_seal_parts(struct context *context, const gss_buffer_desc *bytes, gss_buffer_desc *ret_before,
                        gss_buffer_desc *ret_after, struct error *err) MUST_CHECK;

/* The bytes in a token of the peer; with `secret` one that is not encrypted is refused. */
bool context_open(struct context *context, bool secret, const gss_buffer_desc *token, gss_buffer_desc *ret_plain,
                  struct error *err) MUST_CHECK;

/* How many bytes make an encrypted token of at most `most` bytes; 0 = none do. */
size_t context_limit(struct context *context, size_t most);

/* What a server's certificate (DER) is called in a channel binding (tls-server-end-point, RFC 5929): the type's name
 * and the certificate's digest. Returns its length; 0 when the certificate is none or its signature has no digest that
 * this host knows. */
size_t context_binding(const void *certificate, size_t length, unsigned char out[CONTEXT_BINDING_SIZE]);

void context_free(struct context *context);

#endif
