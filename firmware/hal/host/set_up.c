/* How a gate is set up: by messages and presses, as any gate is, so that nothing here knows how it stores what it is told. */
#include "hal/host/simulated.h"

enum { SETTLE_MS = 600, PRESS_MS = 200, HELD_MS = 1000, STORED_MS = 4000 };

static void run(simulated_t *gate, uint32_t ms)
{
    while (ms--)
        simulated_tick(gate);
}

static void tell(simulated_t *gate, uint8_t id, const uint8_t *body, uint8_t length)
{
    uint8_t content[LIMIT_CONTENT_BYTES] = {PROTOCOL_VERSION << 4}, frame[LIMIT_FRAME_BYTES];
    memcpy(content + HEAD_BYTES, body, length);
    uint8_t size = frame_encode(id, content, (uint8_t)(HEAD_BYTES + length), frame);
    for (uint8_t i = 0; i < size; i++)
        host_receive(&gate->host, frame[i]);
}

static void write_setting(simulated_t *gate, uint32_t sequence, uint8_t id, const uint8_t *value, uint8_t length)
{
    uint8_t body[MSG_SETTING_BYTES];
    msg_setting_t setting = {
        .boot = gate->host.gate.store.boot, .seq = sequence, .op = SETTING_OP_WRITE, .setting = id};
    memcpy(setting.value, value, length);
    msg_setting_write(body, &setting);
    tell(gate, MSG_SETTING, body, sizeof body);
    run(gate, 1);
    simulated_press(gate, PRESS_MS);
    run(gate, PRESS_MS + SETTLE_MS);
}

/* Powered up with its button held, a gate takes a key. It overwrites every place where another one may have stood. */
static bool pair(simulated_t *gate, const uint8_t *key)
{
    simulated_press(gate, HELD_MS);
    simulated_start(gate, REASON_POWER_ON);
    run(gate, SETTLE_MS);
    tell(gate, MSG_PAIR, key, LIMIT_KEY_BYTES);
    run(gate, STORED_MS);
    bool paired = store_keyed(&gate->host.gate.store) && !store_records_busy(&gate->host.gate.store);
    simulated_cut(gate);
    return paired;
}

bool simulated_set_up(simulated_t *gate, const uint8_t *gate_id, const uint8_t *key)
{
    const uint8_t sense = SENSE_HIGH_HEARS;
    const uint8_t *settings = gate->host.gate.store.settings;
    simulated_start(gate, REASON_POWER_ON);
    run(gate, SETTLE_MS);
    write_setting(gate, 1, SETTING_GATE_ID, gate_id, LIMIT_GATE_ID_BYTES);
    write_setting(gate, 2, SETTING_SENSE, &sense, sizeof sense);
    bool stored = settings[SETTING_SENSE_AT] == sense && !memcmp(settings + SETTING_GATE_ID_AT, gate_id, LIMIT_GATE_ID_BYTES);
    simulated_cut(gate);
    return stored && (!key || pair(gate, key));
}
