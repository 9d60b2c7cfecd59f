/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka wants these four before itself, in this order. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#ifdef __clang_analyzer__
/* The analyzer does not know that a failed assertion ends the test. */
#include <stdlib.h>
#undef assert_true
#define assert_true(condition) ((condition) ? (void)0 : abort())
#undef assert_non_null
#define assert_non_null(pointer) ((pointer) ? (void)0 : abort())
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), abort())
#endif
