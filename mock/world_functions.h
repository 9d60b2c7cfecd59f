/* SPDX-License-Identifier: Apache-2.0 */
/* $find $show $history $sign: the functions of templates that need a world. */
#pragma once

#include "core/expr/function.h"

/* The signatures that loading knows, with what they do here; core's functions behind them. */
const struct function_table *world_functions_new(struct arena *arena);
