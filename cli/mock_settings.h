/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `dryrun mock`, read into what the mock takes. docs/MOCK.md */
#pragma once

#include "core/base/options.h"
#include "mock/mock.h"

extern const struct option_table mock_tables[];
extern const size_t mock_table_count;

struct mock_settings {
    struct mock_options mock;
    const char *port_file;   /* NULL = none */
    bool is_exposed;         /* some host is not loopback */
    bool made_token;         /* nobody gave one, but one is needed */
    bool made_certificate;   /* so clients must be told to trust it */
    const char *made_folder; /* of the certificate, to be removed at the end; NULL */
    bool is_eager;
    const char *tape;       /* what answers instead of worlds: a recording; NULL */
    const char *state_file; /* NULL = none */
    int64_t state_every;
};

/* Fills `settings` from options that were parsed; all in the arena. 0, or -1 and `err`. */
int mock_settings_read(struct arena *arena, const struct options *options,
                       struct mock_settings *settings, struct error *err);
/* Removes a certificate that was made in a folder of its own. */
void mock_settings_clean(const struct mock_settings *settings);
