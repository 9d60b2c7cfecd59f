/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_options.h"

static const struct option_row target_rows[] = {
    {.name = "target",
     .argument = "URL",
     .is_repeated = true,
     .help = "the service to judge, or PROVIDER=URL; without it a mock in this process"},
    {.name = "against",
     .argument = "WHO",
     .is_repeated = true,
     .help = "play the same at WHO, too, and say where the two differ: 'mock' (of this program's "
             "data), URL or PROVIDER=URL"},
    {.name = "tape",
     .argument = "FILE",
     .help =
         "judge what a HAR file recorded and send nothing; services are found by the documents' "
         "paths, or below the URLs of --target"},
    {.name = "header",
     .argument = "'NAME: VALUE'",
     .is_repeated = true,
     .help = "sent with every request; never printed"},
    {.name = "bearer-env",
     .argument = "VARIABLE",
     .help = "send the token in this environment variable as Authorization: Bearer"},
    {.name = "against-header",
     .argument = "'NAME: VALUE'",
     .is_repeated = true,
     .help = "as --header, for the other side: what is meant for one is not sent to the other"},
    {.name = "against-bearer-env",
     .argument = "VARIABLE",
     .help = "as --bearer-env, for the other side"},
    {.name = "timeout",
     .argument = "DURATION",
     .type = OPTION_DURATION,
     .least = NANOS_PER_MS,
     .help = "of one request, where its step says nothing (default: 30s; 10s when the mock's "
             "clock is virtual)"},
    {.name = "ca", .argument = "FILE", .help = "certificates to trust instead of the system's"},
    {.name = "insecure", .help = "do not check certificates: whoever is in between can read all"},
};

static const struct option_row play_rows[] = {
    {.name = "scenario",
     .argument = "GLOB",
     .is_repeated = true,
     .help = "documents to play, instead of CONTRACTS/PROVIDER/scenarios/*.arazzo.yaml"},
    {.name = "input",
     .argument = "NAME=VALUE",
     .is_repeated = true,
     .help = "an input of the workflows"},
    {.name = "strict", .help = "deviations from inferred rules break the contract, too"},
    {.name = "unmet",
     .help = "say what of the contract nothing met: a line for each operation, answer, state, move "
             "and cell"},
    {.name = "min-coverage",
     .argument = "KIND=PERCENT",
     .is_repeated = true,
     .help =
         "less of the operations, answers, states, moves, cells or members is exit code 1; what "
         "unreachable.yaml names does not count"},
    {.name = "jobs",
     .letter = 'j',
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 1,
     .most = 32,
     .fallback = "1",
     .help = "workflows played at once, each in a session of our mock; other services have no "
             "sessions, there it is one"},
    {.name = "max-rate",
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 1,
     .most = 1000000,
     .help = "requests a second, at most"},
    {.name = "only-failed",
     .argument = "FILE",
     .help = "play what was broken in an earlier run, by its JSON report"},
    {.name = "dry-run", .help = "print what would be sent, step by step, and send nothing"},
    {.name = "fail-fast", .help = "stop at the first workflow that fails"},
    {.name = "ignore",
     .argument = "PATTERN",
     .is_repeated = true,
     .help = "with --against: differences that do not matter, OPERATION#/path, OPERATION#status "
             "(* and ? stand for any) or a kind such as variation"},
    {.name = "report",
     .argument = "FORM[=FILE]",
     .is_repeated = true,
     .help = "console (the default), junit=FILE, json=FILE, tap, html=FILE, github"},
    {.name = "har", .argument = "FILE", .help = "write all exchanges as HAR 1.2"},
    {.name = "secret",
     .argument = "NAME",
     .is_repeated = true,
     .help = "an input, header or environment variable whose value no report shows"},
};

static const struct option_row mock_rows[] = {
    {.name = "mock-contracts",
     .argument = "DIR",
     .help = "contracts that the mock plays; the judge keeps those of --contracts"},
    {.name = "mock-fixtures", .argument = "DIR", .help = "fixtures that the mock plays"},
    {.name = "clock",
     .argument = "CLOCK",
     .fallback = "virtual",
     .help = "of the mock: virtual, real or scaled:N"},
    {.name = "seed",
     .argument = "N",
     .type = OPTION_INTEGER,
     .least = 0,
     .most = INT64_MAX,
     .fallback = "1",
     .help = "what the mock draws ids and delays from"},
};

static const struct option_row data_rows[] = {
    {.name = "contracts", .argument = "DIR", .help = "where NAME/openapi.yaml is: the judge's"},
    {.name = "fixtures", .argument = "DIR", .help = "where NAME/service.yaml is"},
    {.name = "help", .letter = 'h', .help = "print this help"},
};

const struct option_table check_tables[] = {
    OPTION_TABLE("Target", target_rows), OPTION_TABLE("Play and report", play_rows),
    OPTION_TABLE("The mock that is judged without --target", mock_rows),
    OPTION_TABLE("Data", data_rows)};
const size_t check_table_count = sizeof check_tables / sizeof *check_tables;
