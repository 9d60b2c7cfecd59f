/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of `dryrun mock`: given, made for this run, or wrong on purpose. */
#include "cli/mock_tls.h"

#include "core/base/file.h"
#include "core/base/str.h"
#include "core/net/tls.h"

#include <stdlib.h>
#include <unistd.h>

/* Where the certificates of this run are, when nobody said where. */
static int make_folder(struct arena *arena, struct mock_settings *settings, struct error *err)
{
    const char *base = getenv("TMPDIR");
    char *folder = arena_printf(arena, "%s/dryrun-XXXXXX", base && *base ? base : "/tmp");
    if (settings->made_folder)
        return 0;
    if (!mkdtemp(folder))
        return fail_errno(err, "cannot make a folder like '%s' for the certificate", folder);
    settings->made_folder = folder;
    return 0;
}

static int make_certificate(struct arena *arena, const char *out, struct mock_settings *settings,
                            struct error *err)
{
    struct http_options *http = &settings->mock.http;
    if (!out && make_folder(arena, settings, err))
        return -1;
    if (!out)
        out = file_join(arena, settings->made_folder, "cert.pem");
    http->cert_file = out;
    http->key_file = arena_printf(arena, "%s.key", out);
    settings->made_certificate = true;
    return tls_make_certificate(http->cert_file, http->key_file, err);
}

/* Listeners that are wrong on purpose: beside the certificate that is kept, or in a folder. */
static int read_faults(struct arena *arena, const struct options *options, const char *out,
                       struct mock_settings *settings, struct error *err)
{
    struct mock_options *mock = &settings->mock;
    struct texts faults = options_all(options, "tls-fault");
    struct error reason = {0};
    for (size_t i = 0; i < faults.count; i++) {
        if (!tls_fault_find(faults.items[i], &reason))
            return fail(err, ERROR_INVALID, "option '--tls-fault': %s", reason.text);
        for (size_t j = 0; j < i; j++)
            if (text_is(faults.items[i], faults.items[j]))
                return fail(err, ERROR_INVALID, "option '--tls-fault': '%s' is given twice",
                            faults.items[i]);
    }
    if (!faults.count || (!out && make_folder(arena, settings, err)))
        return faults.count ? -1 : 0;
    mock->tls_faults = faults.items;
    mock->tls_fault_count = faults.count;
    mock->tls_prefix =
        out ? arena_printf(arena, "%s.", out) : arena_printf(arena, "%s/", settings->made_folder);
    mock->keeps_tls_files = out != NULL;
    return 0;
}

int mock_tls_read(struct arena *arena, const struct options *options,
                  struct mock_settings *settings, struct error *err)
{
    const char *cert = options_text(options, "cert"), *key = options_text(options, "key");
    const char *out = options_text(options, "cert-out");
    bool is_wanted = options_is_given(options, "tls");
    bool has_faults = options_is_given(options, "tls-fault");
    if (!is_wanted && (cert || key || (out && !has_faults)))
        return fail(err, ERROR_INVALID, "option '--%s' needs --tls",
                    cert  ? "cert"
                    : key ? "key"
                          : "cert-out");
    if (key && !cert)
        return fail(err, ERROR_INVALID, "option '--key' needs --cert");
    if (cert && out)
        return fail(err, ERROR_INVALID,
                    "option '--cert-out' is for a certificate that is made, "
                    "but --cert gives one");
    if (cert && !file_exists(cert))
        return fail(err, ERROR_NOT_FOUND, "option '--cert': no file '%s'", cert);
    if (key && !file_exists(key))
        return fail(err, ERROR_NOT_FOUND, "option '--key': no file '%s'", key);
    settings->mock.http.cert_file = cert;
    settings->mock.http.key_file = key;
    if (is_wanted && !cert && make_certificate(arena, out, settings, err))
        return -1;
    return read_faults(arena, options, out, settings, err);
}

void mock_settings_clean(const struct mock_settings *settings)
{
    if (!settings->made_folder)
        return;
    if (settings->made_certificate &&
        text_starts_with(settings->mock.http.cert_file, settings->made_folder)) {
        unlink(settings->mock.http.cert_file);
        unlink(settings->mock.http.key_file);
    }
    rmdir(settings->made_folder);
}
