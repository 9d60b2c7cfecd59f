/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/tls.h"

#include "core/base/file.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

enum { DAY = 24 * 60 * 60, VALID_DAYS = 730 };

/* The first thing OpenSSL complained about; the rest of its queue goes. */
static int fail_tls(struct error *err, const char *what, const char *subject)
{
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return fail(err, ERROR_INVALID, "cannot %s '%s': %s", what, subject,
                reason ? reason : "unknown trouble in OpenSSL");
}

static int add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (!extension)
        return -1;
    int added = X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return added ? 0 : -1;
}

static int fill_certificate(X509 *cert, EVP_PKEY *key, const struct tls_terms *terms)
{
    uint64_t serial;
    if (RAND_bytes((unsigned char *)&serial, sizeof serial) != 1)
        return -1;
    X509_NAME *name = X509_get_subject_name(cert);
    bool done = X509_set_version(cert, X509_VERSION_3) &&
                ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1 | 1) &&
                X509_gmtime_adj(X509_getm_notBefore(cert), (long)terms->from_days * DAY) &&
                X509_gmtime_adj(X509_getm_notAfter(cert), (long)terms->until_days * DAY) &&
                X509_set_pubkey(cert, key) &&
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                           (const unsigned char *)terms->name, -1, -1, 0) &&
                X509_set_issuer_name(cert, name);
    if (!done)
        return -1;
    const struct {
        int nid;
        const char *value;
    } extensions[] = {
        {NID_basic_constraints, "critical,CA:TRUE"},
        {NID_key_usage, "critical,digitalSignature,keyCertSign"},
        {NID_ext_key_usage, "serverAuth"},
        {NID_subject_key_identifier, "hash"},
        {NID_subject_alt_name, terms->alternatives},
    };
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (add_extension(cert, extensions[i].nid, extensions[i].value))
            return -1;
    return X509_sign(cert, key, EVP_sha256()) ? 0 : -1;
}

static int write_certificate(const char *path, X509 *cert, struct error *err)
{
    BIO *text = BIO_new(BIO_s_mem());
    int done = -1;
    if (!text || !PEM_write_bio_X509(text, cert)) {
        fail_tls(err, "write", path);
    } else {
        char *bytes;
        long len = BIO_get_mem_data(text, &bytes);
        done = file_write(path, bytes, (size_t)len, err);
    }
    BIO_free(text);
    return done;
}

/* A secret is never readable by others, not even for a moment. */
static int write_key(const char *path, EVP_PKEY *key, struct error *err)
{
    unlink(path);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!file)
        return fail_errno(err, "cannot write '%s'", path);
    int written = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    if (fclose(file) || !written)
        return fail_tls(err, "write", path);
    return 0;
}

int tls_make_certificate(const char *cert_file, const char *key_file, struct error *err)
{
    static const struct tls_terms usual = {"localhost", "DNS:localhost,IP:127.0.0.1,IP:::1", -1,
                                           VALID_DAYS};
    return tls_make_certificate_for(&usual, cert_file, key_file, err);
}

int tls_make_certificate_for(const struct tls_terms *terms, const char *cert_file,
                             const char *key_file, struct error *err)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    int done = -1;
    if (!key || !cert || fill_certificate(cert, key, terms))
        fail_tls(err, "make the certificate", cert_file);
    else if (!write_key(key_file, key, err))
        done = write_certificate(cert_file, cert, err);
    X509_free(cert);
    EVP_PKEY_free(key);
    return done;
}

struct ssl_ctx_st *tls_server_context(const char *cert_file, const char *key_file,
                                      struct error *err)
{
    if (!key_file)
        key_file = cert_file;
    const char *files[] = {cert_file, key_file};
    for (size_t i = 0; i < 2; i++)
        if (access(files[i], R_OK)) {
            fail_errno(err, "cannot read '%s'", files[i]);
            return NULL;
        }
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)) {
        fail_tls(err, "prepare TLS for", cert_file);
    } else if (SSL_CTX_use_certificate_chain_file(context, cert_file) != 1) {
        fail_tls(err, "use the certificate", cert_file);
    } else if (SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1) {
        fail_tls(err, "use the key", key_file);
    } else if (SSL_CTX_check_private_key(context) != 1) {
        fail_tls(err, "use the key", key_file);
    } else {
        SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
        SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
        return context;
    }
    SSL_CTX_free(context);
    return NULL;
}

void tls_speak_old(struct ssl_ctx_st *context)
{
    SSL_CTX_set_security_level(context, 0); /* its signatures are too weak for any other */
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
}
