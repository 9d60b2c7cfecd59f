/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the program: one row each, in the order of the help. */
#pragma once

#include <stddef.h>

struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the command; returns the exit code */
};

extern const struct command commands[];
extern const size_t command_count;

/* Beside those with headers of their own: */
int cmd_mock(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_exec(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_graph(int argc, char **argv);
