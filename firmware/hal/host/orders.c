#include "hal/host/orders.h"

#include "core/settings.h"

static const guard_t *guard_of(const simulated_t *gate)
{
    return &gate->host.gate.guard;
}

static const store_t *store_of(const simulated_t *gate)
{
    return &gate->host.gate.store;
}

static void remember(orders_t *orders, const simulated_t *gate)
{
    orders->guard = *guard_of(gate);
    memcpy(orders->settings, store_of(gate)->settings, SETTINGS_BYTES);
    orders->oldest = history_oldest(&gate->host.history);
}

void orders_begin(orders_t *orders, const simulated_t *gate)
{
    memset(orders, 0, sizeof *orders);
    remember(orders, gate);
}

static bool is_idle(const simulated_t *gate)
{
    const channel_t *channel = &gate->host.channel;
    return gate->host.running && !channel->arrived[0] && !channel->arrived[1];
}

void orders_coming(orders_t *orders, const simulated_t *gate)
{
    orders->was_idle = is_idle(gate);
    if (!orders->was_idle)
        return;
    orders->guard_before = *guard_of(gate);
    orders->store_before = gate->host.gate.store;
    orders->history_before = gate->host.history;
    memcpy(orders->eeprom_before, gate->host.eeprom, EEPROM_SIZE_BYTES);
}

bool orders_touched(const orders_t *orders, const simulated_t *gate)
{
    if (!orders->was_idle || !is_idle(gate))
        return false;
    return memcmp(&orders->guard_before, guard_of(gate), sizeof(guard_t)) ||
           memcmp(&orders->store_before, store_of(gate), sizeof(store_t)) ||
           memcmp(&orders->history_before, &gate->host.history, sizeof(history_t)) ||
           memcmp(orders->eeprom_before, gate->host.eeprom, EEPROM_SIZE_BYTES);
}

void orders_came(orders_t *orders, const frame_t *frame, bool is_right)
{
    const uint8_t *body = gate_body(frame);
    if (!body || orders->count == MOST_ORDERS)
        return;
    orders->came[orders->count].id = frame->id;
    memcpy(orders->came[orders->count].body, body, MSG_PAIR_BYTES);
    orders->count++;
    if (is_right || frame->id == MSG_HELLO)
        orders->company++;
}

void orders_muted(orders_t *orders)
{
    orders->company++;
}

/* Each says whether this order may have brought about what is seen now. */
typedef bool explains_t(const orders_t *orders, const simulated_t *gate, uint8_t id, const uint8_t *body);

static bool ordered(const orders_t *orders, const simulated_t *gate, explains_t *explains)
{
    for (uint16_t i = 0; i < orders->count; i++)
        if (explains(orders, gate, orders->came[i].id, orders->came[i].body))
            return true;
    return orders->count == MOST_ORDERS;
}

static bool for_this_boot(const simulated_t *gate, const uint8_t *body)
{
    _Static_assert(!MSG_ALLOW_BOOT_AT && !MSG_LOCK_BOOT_AT && !MSG_SETTING_BOOT_AT && !MSG_STORED_BOOT_AT, "boot comes first");
    return get_u24(body) == store_of(gate)->boot;
}

static bool is_write(const simulated_t *gate, uint8_t id, const uint8_t *body)
{
    return id == MSG_SETTING && body[MSG_SETTING_OP_AT] == SETTING_OP_WRITE && for_this_boot(gate, body);
}

static bool sequence(const orders_t *orders, const simulated_t *gate, uint8_t id, const uint8_t *body)
{
    (void)orders;
    _Static_assert(MSG_ALLOW_SEQ_AT == MSG_LOCK_SEQ_AT && MSG_LOCK_SEQ_AT == MSG_SETTING_SEQ_AT, "they all have it there");
    const bool counts = (id == MSG_ALLOW || id == MSG_LOCK) && for_this_boot(gate, body);
    return (counts || is_write(gate, id, body)) && get_u32(body + MSG_ALLOW_SEQ_AT) == guard_of(gate)->sequence;
}

static bool challenge(const orders_t *orders, const simulated_t *gate, uint8_t id, const uint8_t *body)
{
    (void)orders;
    if (id != MSG_HELLO && id != MSG_ALLOW)
        return false;
    const uint8_t at = id == MSG_HELLO ? MSG_HELLO_CHALLENGE_AT : MSG_ALLOW_CHALLENGE_AT;
    return !memcmp(body + at, guard_of(gate)->challenge, LIMIT_CHALLENGE_BYTES);
}

static bool permission(const orders_t *orders, const simulated_t *gate, uint8_t id, const uint8_t *body)
{
    (void)orders;
    return id == MSG_ALLOW && for_this_boot(gate, body) && get_u24(body + MSG_ALLOW_BUTTON_MS_AT) == guard_of(gate)->button_ms;
}

static bool settings(const orders_t *orders, const simulated_t *gate, uint8_t id, const uint8_t *body)
{
    const uint8_t *value = body + MSG_SETTING_VALUE_AT;
    uint8_t written[SETTINGS_BYTES];
    bool confirm;
    if (!is_write(gate, id, body) || settings_check(body[MSG_SETTING_SETTING_AT], value, &confirm))
        return false;
    memcpy(written, orders->settings, SETTINGS_BYTES);
    settings_write(written, body[MSG_SETTING_SETTING_AT], value);
    return !memcmp(written, store_of(gate)->settings, SETTINGS_BYTES);
}

static bool waiting(const orders_t *orders, const simulated_t *gate, uint8_t id, const uint8_t *body)
{
    (void)orders;
    const guard_t *guard = guard_of(gate);
    return is_write(gate, id, body) && body[MSG_SETTING_SETTING_AT] == guard->waiting &&
           !memcmp(body + MSG_SETTING_VALUE_AT, guard->waiting_value, sizeof guard->waiting_value);
}

static bool lock(const orders_t *orders, const simulated_t *gate, uint8_t id, const uint8_t *body)
{
    (void)orders;
    return id == MSG_LOCK && for_this_boot(gate, body);
}

static bool stored(const orders_t *orders, const simulated_t *gate, uint8_t id, const uint8_t *body)
{
    (void)orders;
    return id == MSG_STORED && for_this_boot(gate, body) &&
           get_u24(body + MSG_STORED_EVENT_AT) + 1 == history_oldest(&gate->host.history);
}

static bool overwritten(const simulated_t *gate)
{
    return gate->host.history.head.held == LIMIT_EVENT_RING;
}

static const char *unordered(orders_t *orders, const simulated_t *gate, bool held)
{
    const guard_t *was = &orders->guard, *is = guard_of(gate);
    if (is->frame_ms < was->frame_ms && !orders->company--)
        return "a controller";
    if (is->sequence != was->sequence && !ordered(orders, gate, sequence))
        return "a sequence";
    if (is->allow_ms < was->allow_ms && is->sequence == was->sequence)
        return "an allow";
    if (is->button_ms > was->button_ms && !ordered(orders, gate, permission))
        return "what a press gives";
    if (memcmp(is->challenge, was->challenge, sizeof is->challenge) && !ordered(orders, gate, challenge))
        return "a challenge";
    if (memcmp(store_of(gate)->settings, orders->settings, SETTINGS_BYTES) && !ordered(orders, gate, settings))
        return "a setting";
    if (is->waiting && is->waiting != was->waiting && !ordered(orders, gate, waiting))
        return "a setting that waits";
    if (is->locked && !was->locked && !held && !ordered(orders, gate, lock))
        return "a lock";
    if (history_oldest(&gate->host.history) != orders->oldest && !overwritten(gate) && !ordered(orders, gate, stored))
        return "events forgotten";
    return 0;
}

const char *orders_look(orders_t *orders, const simulated_t *gate, bool held)
{
    const char *what = unordered(orders, gate, held);
    remember(orders, gate);
    return what;
}
