#include "hal/host/promise.h"

#include <stdio.h>
#include <stdlib.h>

/* Accuracy of every moment the gate acts at (S2), and how long the contact takes to open. */
enum { SLACK_MS = 2, RELEASE_MS = 4 };

/* The same mute again within this time is a resend, and no news. */
enum { RESEND_MS = 2000 };

static void broken(const promise_t *promise, const char *what)
{
    fprintf(stderr, "broken at %llu ms: %s\n", (unsigned long long)promise->ms, what);
    abort();
}

#define PROMISED(condition)              \
    do {                                 \
        if (!(condition))                \
            broken(promise, #condition); \
    } while (0)

static uint64_t whole(ms40_t time)
{
    return (uint64_t)time.high << 32 | time.low;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint32_t newest(const simulated_t *gate)
{
    return gate->host.history.head.newest;
}

static void dark(promise_t *promise, const simulated_t *gate)
{
    PROMISED(!gate->host.actuator);
    PROMISED(!gate->host.gate.guard.lease_ms);
    promise->lease_until = promise->press_until = 0;
}

/* Of a gate: whether it has a key, and which; all 0 when it has none. */
static bool key_of(const simulated_t *gate, uint8_t key[LIMIT_KEY_BYTES])
{
    const store_t *store = &gate->host.gate.store;
    memset(key, 0, LIMIT_KEY_BYTES);
    if (store_keyed(store))
        store_key(store, key);
    return store_keyed(store);
}

const uint8_t *promise_gate_id(const simulated_t *gate)
{
    return gate->host.gate.store.settings + SETTING_GATE_ID_AT;
}

static void key_kept(promise_t *promise, const simulated_t *gate)
{
    uint8_t key[LIMIT_KEY_BYTES];
    const bool keyed = key_of(gate, key);
    PROMISED(promise->may_pair || (keyed == promise->keyed && !memcmp(key, promise->key, sizeof key)));
    promise->keyed = keyed;
    memcpy(promise->key, key, sizeof key);
}

/* By the id that the gate had before the byte that ended it. */
static bool is_right(const promise_t *promise, const frame_t *frame)
{
    authenticator_t work;
    const uint8_t signed_bytes = (uint8_t)(frame->length - CRC_BYTES - LIMIT_MAC_BYTES);
    if (!promise->keyed)
        return !frame_is_authenticated(frame);
    if (!frame_is_authenticated(frame))
        return false;
    authenticator_begin(&work, promise->orders.settings + SETTING_GATE_ID_AT, frame->id, frame->content, signed_bytes);
    do
        if (authenticator_needs_key(&work))
            memcpy(authenticator_key(&work), promise->key, LIMIT_KEY_BYTES);
    while (!authenticator_step(&work));
    return authenticator_is(&work, frame->content + signed_bytes);
}

void promise_begin(promise_t *promise, const simulated_t *gate)
{
    *promise = (promise_t){.ms = 1, .must_see = newest(gate), .newest = newest(gate)};
    promise->keyed = key_of(gate, promise->key);
    promise->sequence = gate->host.gate.guard.sequence;
    orders_begin(&promise->orders, gate);
}

void promise_started(promise_t *promise, const simulated_t *gate, uint8_t reset_reason)
{
    const promise_t before = *promise;
    const bool powered_up = reset_reason == REASON_POWER_ON;
    bool no_record = gate->host.gate.guard.fault == REASON_SETTINGS && gate->host.gate.guard.locked;
    if (!no_record)
        key_kept(promise, gate);
    /* S5: a lock that was shown survives whatever happened. */
    PROMISED(!promise->lock_shown || gate->host.gate.guard.locked);
    *promise = (promise_t){.ms = before.ms, .must_see = newest(gate), .newest = newest(gate), .press = {.down = before.press.down}};
    promise->locked = gate->host.gate.guard.locked;
    promise->may_pair = powered_up ? before.press.down && !promise->locked : before.may_pair;
    promise->keyed = key_of(gate, promise->key);
    orders_begin(&promise->orders, gate);
    dark(promise, gate);
}

/* S4: what a press that ends now gives, in ms. */
static uint64_t permission(const promise_t *promise, const simulated_t *gate)
{
    bool recent = promise->allowed && promise->ms - promise->allow_at < LIMIT_ALONE_AFTER_MS + SLACK_MS;
    uint64_t left = promise->button_until > promise->ms ? promise->button_until - promise->ms : 0;
    if (recent && promise->button_ms && left)
        return promise->button_ms < left ? promise->button_ms : left;
    return (uint64_t)guard_setting_u16(&gate->host.gate.guard, SETTING_BUTTON_ALONE_AT) * 1000;
}

static void settle_press(promise_t *promise, const simulated_t *gate)
{
    uint64_t length = promise->press.up_at - promise->press.down_at;
    promise->press.pending = false;
    promise->press.length = length;
    if (promise->press.overruled || !promise->press.permitted)
        return;
    if (length + SLACK_MS >= LIMIT_PRESS_MIN_MS && length <= LIMIT_HOLD_MS + SLACK_MS)
        promise->press_until = promise->ms + permission(promise, gate);
}

void promise_button(promise_t *promise, const simulated_t *gate, bool down)
{
    if (down == promise->press.down)
        return;
    promise->press.down = down;
    if (!down) {
        promise->press.up_at = promise->ms;
        return;
    }
    if (!promise->press.pending) {
        promise->press.pending = true;
        promise->press.down_at = promise->ms;
        promise->press.overruled = false;
        promise->press.permitted = permission(promise, gate);
    }
    /* S3: at the first edge. A gate that was muted has nothing to record, and an allow that is being verified comes after the edge. */
    const uint64_t coming = newest(gate) == promise->newest ? promise->lease_until : 0;
    dark(promise, gate);
    promise->lease_until = coming;
}

static void live_with_leave(const promise_t *promise, const simulated_t *gate)
{
    const guard_t *guard = &gate->host.gate.guard;
    uint64_t until = later(promise->lease_until, promise->press_until);
    PROMISED(gate->host.running);
    PROMISED(promise->ms <= until + SLACK_MS);
    PROMISED(guard->lease_ms && guard->lease_ms <= LIMIT_BUTTON_CEILING_MS);
    PROMISED(!guard->locked);
    PROMISED(!guard->fault);
    PROMISED(!guard->contested_ms);
    PROMISED(!guard->pairing_ms);
    PROMISED(!guard_starting(guard));
    PROMISED(!guard_button_down(guard));
}

/* S5: only a hold of this length opens a lock. */
static void lock_kept(promise_t *promise, const simulated_t *gate)
{
    const uint64_t length = promise->press.length;
    const bool held = length + SLACK_MS >= LIMIT_HOLD_MS && length <= LIMIT_STUCK_MS + SLACK_MS;
    PROMISED(!promise->locked || gate->host.gate.guard.locked || held);
    promise->locked = gate->host.gate.guard.locked;
    promise->lock_shown = gate_flags(&gate->host.gate) & STATE_LOCKED;
}

/* S4, S5: what nobody ordered who may, and no hand at the button did, has not changed. */
static void all_ordered(promise_t *promise, const simulated_t *gate)
{
    const bool held = promise->press.down && promise->ms - promise->press.down_at + SLACK_MS >= LIMIT_HOLD_MS;
    const char *unordered = orders_look(&promise->orders, gate, held);
    if (unordered)
        broken(promise, unordered);
}

static void look(promise_t *promise, const simulated_t *gate)
{
    PROMISED(!gate->host.actuator || !(promise->locked && gate->host.gate.guard.locked));
    lock_kept(promise, gate);
    key_kept(promise, gate);
    all_ordered(promise, gate);
    if (gate->host.actuator)
        live_with_leave(promise, gate);
    else
        PROMISED(!gate->contact || gate->contact_ms <= RELEASE_MS);
    promise->sequence = gate->host.gate.guard.sequence;
    promise->newest = newest(gate);
}

void promise_tick(promise_t *promise, const simulated_t *gate)
{
    promise->ms++;
    if (promise->press.pending && !promise->press.down && promise->ms - promise->press.up_at + SLACK_MS >= LIMIT_DEBOUNCE_MS)
        settle_press(promise, gate);
    look(promise, gate);
}

static void mute_came(promise_t *promise, const simulated_t *gate, const uint8_t *body)
{
    msg_mute_t mute = {0};
    if (body)
        msg_mute_read(body, &mute);
    bool resend = body && promise->mute_at && mute.seq == promise->mute_sequence && promise->ms - promise->mute_at < RESEND_MS + SLACK_MS;
    dark(promise, gate);
    PROMISED(resend || newest(gate) > promise->newest);
    if (newest(gate) > promise->newest)
        promise->must_see = newest(gate);
    promise->press.overruled = true;
    if (!body)
        return;
    orders_muted(&promise->orders);
    promise->mute_sequence = mute.seq;
    promise->mute_at = promise->ms;
    if (mute.reason == REASON_STOP)
        promise->button_ms = 0;
}

/* S7: for this boot, never seen before, by somebody who knows all that happened. */
static bool may_act(const promise_t *promise, const simulated_t *gate, const msg_allow_t *allow)
{
    return allow->boot == gate->host.gate.store.boot && allow->seq > promise->sequence && allow->seen >= promise->must_see &&
           allow->seen <= newest(gate);
}

static void allow_came(promise_t *promise, const simulated_t *gate, const msg_allow_t *allow)
{
    const uint64_t uptime = whole(gate->host.gate.guard.uptime), until = whole(allow->live_until);
    const uint64_t button_until = whole(allow->button_until);
    if (!may_act(promise, gate, allow) || until > uptime + LIMIT_HOST_CEILING_MS)
        return;
    const uint64_t lease_until = until > uptime ? promise->ms + (until - uptime) : 0;
    const uint64_t permitted_until = button_until > uptime ? promise->ms + (button_until - uptime) : 0;
    /* One that is refused for another reason, or not verified yet, takes nothing away. */
    const bool accepted = gate->host.gate.guard.sequence == allow->seq;
    promise->lease_until = accepted ? lease_until : later(lease_until, promise->lease_until);
    promise->button_until = accepted ? permitted_until : later(permitted_until, promise->button_until);
    if (accepted || allow->button_ms > promise->button_ms)
        promise->button_ms = allow->button_ms;
    promise->allowed = true;
    promise->allow_at = promise->ms;
}

/* What a gate with a key takes from anybody. */
static bool is_for_anybody(const frame_t *frame, const uint8_t *body)
{
    const bool reads = frame->id == MSG_SETTING && body[MSG_SETTING_OP_AT] == SETTING_OP_READ;
    return !frame_is_authenticated(frame) && (frame->id == MSG_HELLO || frame->id == MSG_PAIR || reads);
}

static void frame_came(promise_t *promise, const simulated_t *gate, const frame_t *frame)
{
    const uint8_t *body = gate_body(frame);
    const bool right = body && is_right(promise, frame);
    if (!body || (!right && !is_for_anybody(frame, body))) {
        PROMISED(!orders_touched(&promise->orders, gate));
        return;
    }
    orders_came(&promise->orders, frame, right);
    if (!right || frame->id != MSG_ALLOW)
        return;
    msg_allow_t allow;
    msg_allow_read(body, &allow);
    allow_came(promise, gate, &allow);
}

void promise_coming(promise_t *promise, const simulated_t *gate)
{
    orders_coming(&promise->orders, gate);
}

void promise_received(promise_t *promise, const simulated_t *gate, uint8_t byte)
{
    const frame_t *frame = &promise->parser.frame;
    uint8_t parsed = parser_feed(&promise->parser, byte);
    const bool ends = parsed & (PARSED_FRAME | PARSED_BROKEN);
    if (ends && frame->id == MSG_MUTE)
        mute_came(promise, gate, parsed & PARSED_FRAME ? frame_body(frame, MSG_MUTE_BYTES) : 0);
    else if (parsed & PARSED_FRAME)
        frame_came(promise, gate, frame);
    else
        PROMISED(!orders_touched(&promise->orders, gate));
    look(promise, gate);
}

void promise_sent(const promise_t *promise, const simulated_t *gate, const uint8_t *frame, uint8_t length)
{
    parser_t parser = {0};
    for (uint8_t i = 0; i < length; i++)
        parser_feed(&parser, frame[i]);
    const uint8_t *body = parser.frame.id == MSG_STATE ? frame_body(&parser.frame, MSG_STATE_BYTES) : 0;
    if (!body)
        return;
    msg_state_t state;
    msg_state_read(body, &state);
    PROMISED(!promise->keyed || frame_is_authenticated(&parser.frame));
    /* A report that had to wait for its authenticator is of its own time. */
    bool is_now = whole(state.uptime) == whole(gate->host.gate.guard.uptime);
    PROMISED(!is_now || state.phase != PHASE_MUTED || !gate->contact);
    PROMISED(!is_now || state.phase != PHASE_MUTED || !gate->host.actuator);
}
