/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of core functions is made of; functions.c has the rows. */
#pragma once

#include "core/expr/function.h"

typedef const cJSON *function_eval(const struct call *call, struct eval *eval);
typedef const void *function_compile(struct compiler *compiler, const cJSON *parameters);

/* functions_choice.c */
function_eval eval_first, eval_choose, eval_each;
function_compile compile_choose, compile_each;
/* functions_data.c */
function_eval eval_merge, eval_concat, eval_get, eval_select, eval_count, eval_sum;
function_compile compile_select;
/* functions_text.c */
function_eval eval_json, eval_text, eval_join, eval_split, eval_chunks, eval_generate, eval_example;
function_compile compile_generate, compile_example;
/* functions_time.c */
function_eval eval_time, eval_duration, eval_cron;
