/* SPDX-License-Identifier: Apache-2.0 */
/* x-dryrun-receive: a step waits for a call of the service, and the call is held against the
 * document's callback. */
#include "core/base/str.h"
#include "core/contract/media.h"
#include "core/contract/request_check.h"
#include "core/data/json.h"
#include "core/net/url.h"
#include "runner/play/checks.h"
#include "runner/play/player.h"

/* How much of the service's time passes between two looks; of real time, a look waits as long. */
#define SLICE NANOS_PER_SECOND

/* Of this conversation, this workflow, this step. */
static const char *path_of(struct scene *scene, const struct arazzo_step *step)
{
    struct strbuf path = STRBUF_INIT(LIMIT_MESSAGE);
    strbuf_addf(&path, "/%llu/", (unsigned long long)scene->talk->number);
    url_encode(&path, str_from(scene->workflow->id), NULL);
    strbuf_addch(&path, '/');
    url_encode(&path, str_from(step->id), NULL);
    const char *copy = arena_strdup(scene->talk->runner->arena, path.buf);
    strbuf_release(&path);
    return copy;
}

int receive_prepare(struct scene *scene, const char **why)
{
    struct runner *runner = scene->talk->runner;
    const struct arazzo_step *step;
    cJSON *ours = tree_object(runner->arena), *urls = NULL;
    struct error err = {0};
    vec_foreach (step, &scene->workflow->steps) {
        if (!step->receive.is_there)
            continue;
        if (!runner->receivers)
            runner->receivers = receivers_new(&err);
        if (!runner->receivers) {
            *why = arena_printf(runner->arena, "'x-dryrun-receive': %s", err.text);
            return -1;
        }
        urls = urls ? urls : tree_object(runner->arena);
        const char *path = path_of(scene, step);
        tree_set_string(
            runner->arena, urls, step->id,
            arena_printf(runner->arena, "%s%s", receivers_url(runner->receivers), path));
    }
    if (urls)
        tree_set(runner->arena, ours, "receivers", urls);
    scene->ours = urls ? ours : NULL;
    return 0;
}

const char *receive_excuse(const struct target *target)
{
    static const char *const near[] = {"://127.", "://localhost:", "://localhost/", "://[::1]"};
    if (target->is_mock)
        return NULL;
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        if (strstr(target->base, near[i]))
            return NULL;
    return "a service elsewhere cannot call a listener on this machine's loopback";
}

/* ---- judging ---- */

static void hear(struct scene *scene, const struct arazzo_step *step,
                 const struct checked_request *checked)
{
    struct runner *runner = scene->talk->runner;
    struct heard *heard = arena_alloc(runner->arena, sizeof *heard);
    const struct operation *operation = step->receive.callback->operation;
    const struct media_type *media =
        operation->body ? media_types_preferred(&operation->body->content) : NULL;
    struct noting noting = {runner->arena, &heard->observed};
    *heard = (struct heard){.callback = step->receive.callback->name,
                            .to = step->id,
                            .body = checked->sent, /* defaults are ours */
                            .number = ++runner->calls};
    if (media && media->schema && heard->body)
        schema_visit(media->schema, heard->body, true, runner->arena, checks_note_observed,
                     &noting);
    conversation_hear(scene->talk, step_target(scene, step), heard);
}

static void judge(struct scene *scene, const struct arazzo_step *step,
                  const struct delivery *delivery)
{
    const struct arazzo_receive *receive = &step->receive;
    struct runner *runner = scene->talk->runner;
    struct arena *arena = runner->arena;
    size_t first = runner->result.verdicts.count;
    struct checked_request *checked = arena_alloc(arena, sizeof *checked);
    struct route_match match = {0};
    struct request_options options = {0};
    struct raw_request raw = {str_from(delivery->query), delivery->headers, delivery->body};
    struct strbuf text = STRBUF_INIT(LIMIT_MESSAGE);
    const struct problem *problem;
    const struct callback *callback = receive->callback;
    match.operation = callback->operation;
    request_check(arena, callback->operation, &match, &raw, &options, checked);
    if (!text_is(delivery->method, callback->operation->method)) {
        struct verdict verdict = {
            .kind = VERDICT_VIOLATION,
            .rule = "callback",
            .text = arena_printf(arena, "callback %s: expected %s but found %s", callback->name,
                                 callback->operation->method, delivery->method),
            .place = tree_place(callback->operation->node)};
        verdict_add(&runner->result.verdicts, verdict);
    }
    vec_foreach (problem, &checked->problems) {
        strbuf_clear(&text);
        problem_print(problem, &text);
        struct verdict verdict = {
            .kind = VERDICT_VIOLATION,
            .rule = "callback",
            .text = arena_printf(arena, "callback %s: %s", callback->name, text.buf),
            .place = problem->place};
        verdict_add(&runner->result.verdicts, verdict);
    }
    strbuf_release(&text);
    hear(scene, step, checked);
    runner_count_verdicts(runner, first);
}

static const cJSON *read_body(struct arena *arena, const struct delivery *delivery)
{
    const char *type = header_find(&delivery->headers, "Content-Type");
    struct error err;
    const cJSON *body = NULL;
    if (!delivery->body.len)
        return NULL;
    if (type && strstr(type, "json"))
        body = json_parse(arena, delivery->body.ptr, delivery->body.len, NULL, &err);
    return body ? body : tree_string_n(arena, delivery->body.ptr, delivery->body.len);
}

/* ---- waiting ---- */

struct waiting {
    const struct arazzo_step *step;
    const struct target *target;
    const char *path;
    size_t passed_over;
};

/* Everything that has come so far; true when one of it was the call. */
static bool take(struct scene *scene, struct waiting *waiting, nanos wait)
{
    struct runner *runner = scene->talk->runner;
    const struct arazzo_receive *receive = &waiting->step->receive;
    struct delivery *delivery = arena_alloc(runner->arena, sizeof *delivery);
    while (receivers_take(runner->receivers, waiting->path, wait, runner->arena, delivery)) {
        scene->message = delivery;
        scene->message_body = read_body(runner->arena, delivery);
        if (receive->callback)
            judge(scene, waiting->step, delivery);
        if (scene_criteria(scene, &receive->criteria)) {
            conversation_trace(scene->talk, "%s received %s", waiting->step->id, delivery->method);
            return true;
        }
        conversation_trace(scene->talk, "%s passed over %s", waiting->step->id, delivery->method);
        waiting->passed_over++;
        scene->message = NULL;
        wait = 0;
        delivery = arena_alloc(runner->arena, sizeof *delivery);
    }
    return false;
}

/* Of the first step that waits for calls of a document's callback. */
static const struct target *first_target(struct scene *scene)
{
    const struct arazzo_step *step;
    vec_foreach (step, &scene->workflow->steps)
        if (step->receive.is_there && step->receive.callback)
            return step_target(scene, step);
    return NULL;
}

void receive_rest(struct scene *scene)
{
    struct runner *runner = scene->talk->runner;
    const struct arazzo_step *step;
    struct delivery delivery;
    bool is_first = true;
    if (!scene->ours)
        return;
    vec_foreach (step, &scene->workflow->steps) {
        const struct target *target = step_target(scene, step);
        if (!step->receive.is_there || !step->receive.callback)
            continue;
        if (is_first && target->is_virtual && !runner->stop)
            conversation_pass(scene->talk, target, SLICE);
        is_first = false;
        while (receivers_take(runner->receivers, path_of(scene, step), 0, runner->arena, &delivery))
            judge(scene, step, &delivery);
    }
    if (!is_first && !runner->stop)
        conversation_hear_end(scene->talk, first_target(scene));
}

/* Where the contract speaks of the call that did not come. */
static const char *who_calls(struct scene *scene, const struct waiting *waiting)
{
    const struct provider *provider = waiting->target->provider;
    const struct callback *callback = waiting->step->receive.callback;
    const char *name = callback ? callback->name : NULL;
    const struct lifecycle *lifecycle = provider ? provider->lifecycle : NULL;
    for (size_t i = 0; name && lifecycle && i < lifecycle->callback_count; i++)
        if (text_is(lifecycle->callbacks[i].name, name))
            return arena_printf(
                scene->talk->runner->arena, "; when '%s' is called is said by %s:%u", name,
                lifecycle->callbacks[i].place.file, lifecycle->callbacks[i].place.line);
    return "";
}

int receive_call(struct scene *scene, const struct arazzo_step *step, const char **why)
{
    struct conversation *talk = scene->talk;
    struct waiting waiting = {step, step_target(scene, step), path_of(scene, step), 0};
    bool is_free = waiting.target->is_virtual || talk->runner->options->sleep;
    nanos within = step->receive.within, left = within;
    while (!take(scene, &waiting, is_free ? 0 : left < SLICE ? left : SLICE)) {
        nanos slice = left < SLICE ? left : SLICE;
        if (left <= 0 || conversation_is_late(talk)) {
            *why = arena_printf(
                talk->runner->arena, "no call came to 'x-dryrun-receive' within %.3gs%s%s",
                (double)within / (double)NANOS_PER_SECOND,
                waiting.passed_over ? " that met its criteria" : "", who_calls(scene, &waiting));
            return -1;
        }
        if (is_free && conversation_pass(talk, waiting.target, slice))
            return -1;
        left -= slice;
    }
    return 0;
}
