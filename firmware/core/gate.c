#include "core/gate.h"

#include "core/settings.h"
#include "hal/hal.h"

/* A change is looked for this often; a power of two. */
enum { WATCH_MS = 4 };

void gate_start(gate_t *gate, history_t *history, const board_facts_t *facts)
{
    memset(gate, 0, sizeof *gate);
    gate->facts = *facts;
    guard_start(&gate->guard, history, &gate->store, facts->product, facts->reset_reason);
    gate->shown.identity = gate_facts(gate);
    gate->next_event = history_oldest(history);
}

static void take_up_inputs(gate_t *gate)
{
    pins_release_inputs();
    gate->inputs = 0;
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t setting = gate->store.settings[SETTING_INPUT0_AT + i];
        uint8_t pin = setting & INPUT_PIN;
        if (setting == INPUT_NONE || !pin_is_free(pin))
            continue;
        pin_reserve_input(pin, setting & INPUT_PULLUP);
        gate->inputs |= (uint8_t)(0x10 << i);
    }
}

static void input_tick(gate_t *gate, uint8_t i)
{
    uint8_t setting = gate->store.settings[SETTING_INPUT0_AT + i];
    bool value = pin_read_input(setting & INPUT_PIN) != ((setting & INPUT_INVERTED) != 0);
    bool known = gate->inputs & 1 << i;
    if (value == known)
        gate->input_ms[i] = 0;
    else if (++gate->input_ms[i] >= LIMIT_DEBOUNCE_MS) {
        gate->inputs ^= (uint8_t)(1 << i);
        gate->input_ms[i] = 0;
    }
}

static void inputs_tick(gate_t *gate)
{
    for (uint8_t i = 0; i < 4; i++)
        if (gate->inputs & 0x10 << i)
            input_tick(gate, i);
}

uint8_t gate_flags(const gate_t *gate)
{
    const guard_t *guard = &gate->guard;
    uint8_t flags = 0;
    if (guard->locked && gate->store.lock_kept && gate->store.lock_value != EEPROM_UNLOCKED_MAGIC)
        flags |= STATE_LOCKED;
    if (guard->contested_ms)
        flags |= STATE_CONTESTED;
    if (guard_has_sense(guard))
        flags |= STATE_SENSE_PRESENT;
    if (guard->sense_hears)
        flags |= STATE_SENSE_HEARS;
    if (guard_button_down(guard))
        flags |= STATE_BUTTON_DOWN;
    if (guard->waiting)
        flags |= STATE_CONFIRMING;
    if (gate->facts.product == PRODUCT_UNO_SERVO && servo_spent(&gate->servo))
        flags |= STATE_ATTEMPTS_SPENT;
    if (store_busy(&gate->store, STORE_LOCK) || store_busy(&gate->store, STORE_SETTINGS))
        flags |= STATE_VERIFYING;
    return flags;
}

uint8_t gate_facts(const gate_t *gate)
{
    uint8_t facts = 0;
    if (gate->facts.bootloader)
        facts |= IDENTITY_BOOTLOADER;
    if (store_keyed(&gate->store))
        facts |= IDENTITY_KEYED;
    if (gate->guard.history_lost)
        facts |= IDENTITY_HISTORY_LOST;
    if (gate->guard.pairing_ms)
        facts |= IDENTITY_PAIRING;
    return facts;
}

/* The part of `state` and `identity` whose change is reported at once. */
static void watch(gate_t *gate)
{
    uint8_t phase = guard_phase(&gate->guard), flags = gate_flags(gate), identity = gate_facts(gate);
    uint32_t newest = gate->guard.history->head.newest;
    if (gate->shown.identity != identity)
        gate->want_identity = true;
    bool same = gate->shown.phase == phase && gate->shown.flags == flags && gate->shown.inputs == gate->inputs &&
                gate->shown.newest == newest && gate->shown.reason == gate->guard.reason && gate->shown.fault == gate->guard.fault;
    if (!same)
        gate->want_state = true;
    gate->shown.phase = phase;
    gate->shown.flags = flags;
    gate->shown.inputs = gate->inputs;
    gate->shown.reason = gate->guard.reason;
    gate->shown.fault = gate->guard.fault;
    gate->shown.identity = identity;
    gate->shown.newest = newest;
}

void gate_tick(gate_t *gate, const pins_t *pins)
{
    guard_t *guard = &gate->guard;
    guard_tick(guard, pins);
    if (guard->applied) {
        guard->applied = false;
        take_up_inputs(gate);
    }
    if (gate->inputs >> 4)
        inputs_tick(gate);
    if (guard->travels) {
        guard->travels = false;
        gate->servo.started = false;
    }
    if (gate->facts.product == PRODUCT_UNO_SERVO)
        servo_tick(&gate->servo, guard->on, guard->sense_hears, guard_has_sense(guard), guard_travel_ms(guard));
    if (guard->changed && !store_busy(&gate->store, STORE_SETTINGS)) {
        gate->want_value = guard->changed;
        guard->changed = 0;
    }
    if (guard->uptime.low % WATCH_MS == 0)
        watch(gate);
    if (++gate->state_ms >= LIMIT_STATE_PERIOD_MS)
        gate->want_state = true;
    if (++gate->event_ms >= LIMIT_STATE_PERIOD_MS) {
        gate->event_ms = 0;
        gate->next_event = history_oldest(guard->history);
    }
}

void gate_mute(gate_t *gate, const msg_mute_t *mute)
{
    if (mute)
        guard_heard(&gate->guard);
    guard_mute(&gate->guard, mute);
    gate->want_state = true;
}

static void nak(gate_t *gate, uint8_t message, uint32_t sequence, uint8_t reason)
{
    if (gate->nak_count < NAK_QUEUE)
        gate->naks[gate->nak_count++] = (msg_nak_t){message, sequence, reason};
}

static void answer(gate_t *gate, uint8_t message, uint32_t sequence, uint8_t refusal)
{
    if (refusal)
        nak(gate, message, sequence, refusal);
    else
        gate->want_state = true;
}

static void receive_hello(gate_t *gate, const uint8_t *body)
{
    msg_hello_t hello;
    msg_hello_read(body, &hello);
    guard_hello(&gate->guard, &hello);
    gate->want_identity = true;
    gate->want_state = true;
    gate->next_event = history_oldest(gate->guard.history);
    gate->event_ms = 0;
}

static void receive_setting(gate_t *gate, const uint8_t *body)
{
    msg_setting_t setting;
    msg_setting_read(body, &setting);
    uint8_t value[8];
    if (setting.op == SETTING_OP_READ) {
        if (settings_read(gate->store.settings, setting.setting, value))
            gate->want_value = setting.setting;
        else
            nak(gate, MSG_SETTING, setting.seq, REASON_UNKNOWN_SETTING);
        return;
    }
    uint8_t refusal = setting.op == SETTING_OP_WRITE ? guard_setting(&gate->guard, &setting) : REASON_MALFORMED;
    answer(gate, MSG_SETTING, setting.seq, refusal);
    if (!refusal)
        gate->want_value = setting.setting;
}

static void receive_allow(gate_t *gate, const uint8_t *body)
{
    msg_allow_t allow;
    msg_allow_read(body, &allow);
    answer(gate, MSG_ALLOW, allow.seq, guard_allow(&gate->guard, &allow));
}

static void receive_lock(gate_t *gate, const uint8_t *body)
{
    msg_lock_t lock;
    msg_lock_read(body, &lock);
    answer(gate, MSG_LOCK, lock.seq, guard_lock(&gate->guard, &lock));
}

static void receive_stored(gate_t *gate, const uint8_t *body)
{
    msg_stored_t stored;
    msg_stored_read(body, &stored);
    if (stored.boot == gate->store.boot)
        history_stored(gate->guard.history, stored.event);
}

static bool receive_pair(gate_t *gate, const uint8_t *body)
{
    uint8_t refusal = guard_pair(&gate->guard, body);
    if (refusal)
        nak(gate, MSG_PAIR, 0, refusal);
    return !refusal;
}

const uint8_t *gate_body(const frame_t *frame)
{
    static const IN_FLASH uint8_t lengths[] = {
        [MSG_HELLO] = MSG_HELLO_BYTES,     [MSG_ALLOW] = MSG_ALLOW_BYTES,   [MSG_LOCK] = MSG_LOCK_BYTES,
        [MSG_SETTING] = MSG_SETTING_BYTES, [MSG_STORED] = MSG_STORED_BYTES, [MSG_PAIR] = MSG_PAIR_BYTES,
    };
    bool known = frame->id < sizeof lengths && lengths[frame->id];
    return known ? frame_body(frame, lengths[frame->id]) : 0;
}

/* The sequence that a refusal names. */
static uint32_t sequence_of(uint8_t id, const uint8_t *body)
{
    switch (id) {
    case MSG_ALLOW:
        return get_u32(body + MSG_ALLOW_SEQ_AT);
    case MSG_LOCK:
        return get_u32(body + MSG_LOCK_SEQ_AT);
    case MSG_SETTING:
        return get_u32(body + MSG_SETTING_SEQ_AT);
    default:
        return 0;
    }
}

/* What a gate with a key takes from anybody; `pair` is taken for other reasons or not at all. */
static bool needs_no_authenticator(uint8_t id, const uint8_t *body)
{
    return id == MSG_HELLO || id == MSG_PAIR || (id == MSG_SETTING && body[MSG_SETTING_OP_AT] == SETTING_OP_READ);
}

static uint8_t refuse_frame(const gate_t *gate, const frame_t *frame, const uint8_t *body, bool verified, bool overtaken)
{
    if (overtaken && frame->id == MSG_ALLOW)
        return REASON_UNSEEN;
    if (verified)
        return REASON_NONE;
    if (frame_is_authenticated(frame))
        return REASON_BAD_AUTHENTICATOR;
    return store_keyed(&gate->store) && !needs_no_authenticator(frame->id, body) ? REASON_UNAUTHENTICATED : REASON_NONE;
}

void gate_busy(gate_t *gate, const frame_t *frame, const uint8_t *body)
{
    nak(gate, frame->id, sequence_of(frame->id, body), REASON_BUSY);
}

bool gate_keeps_frame(const gate_t *gate)
{
    return store_busy(&gate->store, STORE_RECORD);
}

bool gate_receive(gate_t *gate, const frame_t *frame, const uint8_t *body, bool verified, bool overtaken)
{
    if (!body) {
        nak(gate, frame->id, 0, REASON_MALFORMED);
        return false;
    }
    uint8_t refusal = refuse_frame(gate, frame, body, verified, overtaken);
    if (refusal) {
        nak(gate, frame->id, sequence_of(frame->id, body), refusal);
        return false;
    }
    bool kept = false;
    switch (frame->id) {
    case MSG_HELLO:
        receive_hello(gate, body);
        break;
    case MSG_ALLOW:
        receive_allow(gate, body);
        break;
    case MSG_LOCK:
        receive_lock(gate, body);
        break;
    case MSG_SETTING:
        receive_setting(gate, body);
        break;
    case MSG_STORED:
        receive_stored(gate, body);
        break;
    default:
        kept = receive_pair(gate, body);
    }
    /* Of a gate with a key anybody may ask, and only who has it, or says hello, is company. */
    if (verified || frame->id == MSG_HELLO || !store_keyed(&gate->store))
        guard_heard(&gate->guard);
    return kept;
}
