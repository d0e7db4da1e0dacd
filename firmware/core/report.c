/* What a gate says: the bodies of its messages, the most urgent first. */
#include "core/gate.h"
#include "core/settings.h"

static uint8_t identity_body(const gate_t *gate, uint8_t *body)
{
    msg_identity_t m = {
        .boot = gate->store.boot,
        .schema = SCHEMA_HASH,
        .firmware = FIRMWARE_VERSION,
        .product = gate->facts.product,
        .reset = gate->facts.reset_reason,
        .brown_out = gate->facts.brown_out,
        .flags = (uint8_t)((gate->facts.bootloader ? IDENTITY_BOOTLOADER : 0) | (gate->guard.history_lost ? IDENTITY_HISTORY_LOST : 0)),
    };
    memcpy(m.challenge, gate->guard.challenge, sizeof m.challenge);
    memcpy(m.gate, gate->store.settings + SETTING_GATE_ID_AT, sizeof m.gate);
    msg_identity_write(body, &m);
    return MSG_IDENTITY_BYTES;
}

static uint8_t state_body(gate_t *gate, uint8_t *body)
{
    const guard_t *guard = &gate->guard;
    msg_state_t m = {
        .boot = gate->store.boot,
        .uptime = guard->uptime,
        .phase = guard_phase(guard),
        .reason = guard->reason,
        .lease_left_ms = guard->lease_ms,
        .flags = gate_flags(gate),
        .fault = guard->fault,
        .inputs = gate->inputs,
        .newest = guard->history->head.newest,
        .live_ms = guard->live_ms,
        .lost = guard->history->head.lost,
    };
    memcpy(m.challenge, guard->challenge, sizeof m.challenge);
    msg_state_write(body, &m);
    gate->state_ms = 0;
    return MSG_STATE_BYTES;
}

static uint8_t value_body(gate_t *gate, uint8_t *body)
{
    const guard_t *guard = &gate->guard;
    msg_value_t m = {.setting = gate->want_value, .status = VALUE_STATUS_CURRENT};
    memcpy(m.challenge, guard->challenge, sizeof m.challenge);
    if (guard->waiting == gate->want_value) {
        m.status = VALUE_STATUS_PENDING;
        memcpy(m.value, guard->waiting_value, sizeof m.value);
    } else {
        settings_read(gate->store.settings, gate->want_value, m.value);
        if (!gate->store.settings_kept)
            m.status = VALUE_STATUS_WRITING;
    }
    gate->want_value = 0;
    msg_value_write(body, &m);
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
    msg_event_t m;
    if (gate->next_event < history_oldest(history))
        gate->next_event = history_oldest(history);
    history_event(history, gate->next_event++, &m);
    msg_event_write(body, &m);
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
