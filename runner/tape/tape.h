/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging what was recorded: every exchange of a tape is held against the document and shown to a
 * monitor, as if it had just been played. Nothing is sent. A workflow for each world that the tape
 * tells of (a service at a URL, or a session of our mock there), a step for each entry.
 */
#pragma once

#include "core/tape/har.h"
#include "runner/play/play.h"

struct tape_options {
    const struct provider *const *providers;
    size_t provider_count;
    const char *const *prefixes; /* "PROVIDER=URL" or "URL": whose is what begins so; may be none */
    size_t prefix_count;
};

/* What became of the entries. */
struct tape_summary {
    size_t judged;
    size_t foreign;             /* of no provider */
    const char *foreign_method; /* of the first such; NULL */
    const char *foreign_url;
};

/*
 * Where no prefix is given, services are found by the documents' paths: each place in a URL where
 * the rest is an operation's path is a candidate, and the one that explains most entries wins.
 */
void runner_judge_tape(struct runner *runner, const struct har *har,
                       const struct tape_options *options, struct tape_summary *summary);
