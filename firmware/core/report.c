/* What a gate says: the bodies of its messages, the most urgent first. */
#include "core/gate.h"
#include "core/settings.h"

static void put_challenge(const gate_t *gate, uint8_t *at)
{
    memcpy(at, gate->guard.challenge, LIMIT_CHALLENGE_BYTES);
}

static uint8_t identity_body(const gate_t *gate, uint8_t *body)
{
    put_u24(body + MSG_IDENTITY_BOOT_AT, gate->store.boot);
    put_u32(body + MSG_IDENTITY_SCHEMA_AT, SCHEMA_HASH);
    put_u24(body + MSG_IDENTITY_FIRMWARE_AT, FIRMWARE_VERSION);
    body[MSG_IDENTITY_PRODUCT_AT] = gate->facts.product;
    memcpy(body + MSG_IDENTITY_GATE_AT, gate->store.settings + SETTING_GATE_ID_AT, LIMIT_GATE_ID_BYTES);
    body[MSG_IDENTITY_RESET_AT] = gate->facts.reset_reason;
    body[MSG_IDENTITY_BROWN_OUT_AT] = gate->facts.brown_out;
    body[MSG_IDENTITY_FLAGS_AT] = gate_facts(gate);
    put_challenge(gate, body + MSG_IDENTITY_CHALLENGE_AT);
    return MSG_IDENTITY_BYTES;
}

static uint8_t state_body(gate_t *gate, uint8_t *body)
{
    const guard_t *guard = &gate->guard;
    put_u24(body + MSG_STATE_BOOT_AT, gate->store.boot);
    put_u40(body + MSG_STATE_UPTIME_AT, guard->uptime);
    body[MSG_STATE_PHASE_AT] = guard_phase(guard);
    body[MSG_STATE_REASON_AT] = guard->reason;
    put_u24(body + MSG_STATE_LEASE_LEFT_MS_AT, guard->lease_ms);
    body[MSG_STATE_FLAGS_AT] = gate_flags(gate);
    body[MSG_STATE_FAULT_AT] = guard->fault;
    body[MSG_STATE_INPUTS_AT] = gate->inputs;
    put_u24(body + MSG_STATE_NEWEST_AT, guard->history->head.newest);
    put_u40(body + MSG_STATE_LIVE_MS_AT, guard->live_ms);
    body[MSG_STATE_LOST_AT] = guard->history->head.lost;
    put_challenge(gate, body + MSG_STATE_CHALLENGE_AT);
    gate->state_ms = 0;
    return MSG_STATE_BYTES;
}

static uint8_t value_body(gate_t *gate, uint8_t *body)
{
    const guard_t *guard = &gate->guard;
    uint8_t status = VALUE_STATUS_CURRENT;
    uint8_t *value = body + MSG_VALUE_VALUE_AT;
    if (guard->waiting == gate->want_value) {
        status = VALUE_STATUS_PENDING;
        memcpy(value, guard->waiting_value, sizeof guard->waiting_value);
    } else {
        settings_read(gate->store.settings, gate->want_value, value);
        if (!gate->store.settings_kept)
            status = VALUE_STATUS_WRITING;
    }
    body[MSG_VALUE_SETTING_AT] = gate->want_value;
    body[MSG_VALUE_STATUS_AT] = status;
    put_challenge(gate, body + MSG_VALUE_CHALLENGE_AT);
    gate->want_value = 0;
    return MSG_VALUE_BYTES;
}

static uint8_t nak_body(gate_t *gate, uint8_t *body)
{
    msg_nak_write(body, &gate->naks[0]);
    memmove(gate->naks, gate->naks + 1, --gate->nak_count * sizeof *gate->naks);
    return MSG_NAK_BYTES;
}

static bool event_due(const gate_t *gate)
{
    const history_t *history = gate->guard.history;
    return gate->guard.frame_ms < LIMIT_SILENT_MS && gate->next_event <= history->head.newest && history->head.held;
}

static uint8_t event_body(gate_t *gate, uint8_t *body)
{
    const history_t *history = gate->guard.history;
    if (gate->next_event < history_oldest(history))
        gate->next_event = history_oldest(history);
    history_event(history, gate->next_event++, body);
    return MSG_EVENT_BYTES;
}

uint8_t gate_next(gate_t *gate, uint8_t *body, uint8_t *length)
{
    if (gate->want_identity && gate->guard.ready) {
        gate->want_identity = false;
        *length = identity_body(gate, body);
        return MSG_IDENTITY;
    }
    if (gate->want_state) {
        gate->want_state = false;
        *length = state_body(gate, body);
        return MSG_STATE;
    }
    if (gate->nak_count) {
        *length = nak_body(gate, body);
        return MSG_NAK;
    }
    if (gate->want_value) {
        *length = value_body(gate, body);
        return MSG_VALUE;
    }
    if (event_due(gate)) {
        *length = event_body(gate, body);
        return MSG_EVENT;
    }
    return 0;
}
