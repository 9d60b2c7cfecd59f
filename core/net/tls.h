/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: made at start for the loopback names, or given in files. */
#pragma once

#include "core/base/error.h"

struct ssl_ctx_st;

/*
 * Makes a key (P-256) and a certificate for localhost, 127.0.0.1 and ::1 that is its own authority,
 * valid from a day ago for two years, and writes both PEM to `cert_file` and `key_file` (mode
 * 0600). A client that trusts cert_file trusts the server.
 */
int tls_make_certificate(const char *cert_file, const char *key_file, struct error *err);

/* The same for another name or another time: for faults. */
struct tls_terms {
    const char *name;          /* of the subject */
    const char *alternatives;  /* "DNS:localhost,IP:127.0.0.1" */
    int from_days, until_days; /* from now; negative: ago */
};
int tls_make_certificate_for(const struct tls_terms *terms, const char *cert_file,
                             const char *key_file, struct error *err);

/* TLS 1.2 and up; `key_file` NULL: the key is in `cert_file`. The caller frees it (SSL_CTX_free).
 */
struct ssl_ctx_st *tls_server_context(const char *cert_file, const char *key_file,
                                      struct error *err);
/* Speaks TLS 1.1 and nothing newer, which clients refuse (RFC 8996). */
void tls_speak_old(struct ssl_ctx_st *context);
