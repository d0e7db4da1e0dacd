/* The fuzz target: an input is a sequence of orders to one simulated gate. What the gate may do is worked out beside it, by
 * `promise.c`, from what was done to it alone; the first moment in which it hears without leave ends the process.
 *
 * The first byte says which gate: bit 0, it has a key; bit 1, it takes time over authenticators. An order is a byte, its operand
 * the bytes after it:
 *   0 n bytes[n]        raw bytes from the wire
 *   1 id n body[n]      a whole frame with a right CRC
 *   2 seq lease buttonMs buttonFor flags
 *                       an allow for this boot; times in units of 100 ms; flags also make it one that has not seen all (16),
 *                       or is for another boot (32)
 *   3 seq reason        a mute
 *   4 n                 time passes: up to 199 ms, from 200 on in steps of 0.1 s, from 240 on in steps of 1 s
 *   5, 6                the button goes down, comes up
 *   7 drive             the sense is torn away: held low, high, or left floating; 3: reads the contact again
 *   8 how torn          reset: 0 by the pin, 1 by the watchdog, 2 a power cut that leaves an EEPROM byte as it was, 3 as `torn`
 *   9 seq               lock
 *   10 seq setting value[2]  a setting is written
 *   11 how              frames from now on are signed: 0 rightly, 1 not at all, 2 with another key, 3 for another gate
 *   12 n                the n-th last frame is sent once more
 *   13 back             stored: all events but the newest so many
 *   14 controller challenge  hello */
#include <stdlib.h>

#include "hal/host/promise.h"

enum { MOST_MS = 16000, SET_UP_MS = 500, UNIT_MS = 100, SLICES_A_MS = 5, COPIES = 8 };
enum { SIGN_RIGHTLY, SIGN_NOT, SIGN_WITH_ANOTHER_KEY, SIGN_FOR_ANOTHER_GATE, SIGN_WAYS };

static const uint8_t gate_id[LIMIT_GATE_ID_BYTES] = "fuzzed";
static const uint8_t key[LIMIT_KEY_BYTES] = {1, 2, 3};

static simulated_t gate;
static promise_t promise;

/* Gates hold pointers into themselves, so that a copy is good only in its own place. */
static simulated_t new_gates[2];
static bool made[2];

static struct {
    uint8_t bytes[LIMIT_FRAME_BYTES];
    uint8_t length;
} copies[COPIES];
static uint8_t copied;
static uint8_t signing;

static bool has_room(host_gate_t *host)
{
    (void)host;
    return true;
}

static void sent(host_gate_t *host, const uint8_t *frame, uint8_t length)
{
    (void)host;
    promise_sent(&promise, &gate, frame, length);
}

static void ignore(host_gate_t *host, const uint8_t *frame, uint8_t length)
{
    (void)host, (void)frame, (void)length;
}

static void tick(void)
{
    simulated_tick(&gate);
    promise_tick(&promise, &gate);
}

static void make(bool keyed)
{
    simulated_init(&gate);
    gate.host.has_room = has_room;
    gate.host.send = ignore;
    if (!simulated_set_up(&gate, gate_id, keyed ? key : 0))
        abort();
    simulated_start(&gate, REASON_POWER_ON);
    for (int i = 0; i < SET_UP_MS; i++)
        simulated_tick(&gate);
    gate.host.send = sent;
    new_gates[keyed] = gate;
    made[keyed] = true;
}

static void begin(uint8_t which)
{
    const bool keyed = which & 1;
    if (!made[keyed])
        make(keyed);
    gate = new_gates[keyed];
    gate.host.slices = which & 2 ? SLICES_A_MS : 0;
    memset(copies, 0, sizeof copies);
    signing = SIGN_RIGHTLY;
    promise_begin(&promise, &gate);
}

typedef struct {
    const uint8_t *at;
    size_t left;
} input_t;

static uint8_t take(input_t *input)
{
    if (!input->left)
        return 0;
    input->left--;
    return *input->at++;
}

static void wire(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        promise_coming(&promise, &gate);
        host_receive(&gate.host, bytes[i]);
        promise_received(&promise, &gate, bytes[i]);
    }
}

/* 16 bytes more; `content` has room for them. */
static uint8_t sign(uint8_t id, uint8_t *content, uint8_t length)
{
    authenticator_t work;
    const uint8_t *whose = signing == SIGN_FOR_ANOTHER_GATE ? key : promise_gate_id(&gate);
    content[0] |= HEAD_AUTHENTICATED;
    authenticator_begin(&work, whose, id, content, length);
    do {
        if (!authenticator_needs_key(&work))
            continue;
        memcpy(authenticator_key(&work), promise.key, LIMIT_KEY_BYTES);
        authenticator_key(&work)[0] ^= signing == SIGN_WITH_ANOTHER_KEY;
    } while (!authenticator_step(&work));
    authenticator_write(&work, content + length);
    return LIMIT_MAC_BYTES;
}

static void send_frame(uint8_t id, const uint8_t *body, uint8_t length)
{
    uint8_t content[LIMIT_CONTENT_BYTES] = {PROTOCOL_VERSION << 4}, size = (uint8_t)(HEAD_BYTES + length);
    memcpy(content + HEAD_BYTES, body, length);
    if (promise.keyed && signing != SIGN_NOT && size + LIMIT_MAC_BYTES + CRC_BYTES <= LIMIT_CONTENT_BYTES)
        size = (uint8_t)(size + sign(id, content, size));
    const uint8_t at = copied++ % COPIES;
    copies[at].length = frame_encode(id, content, size, copies[at].bytes);
    wire(copies[at].bytes, copies[at].length);
}

static void send_copy(uint8_t back)
{
    const uint8_t at = (uint8_t)(copied - 1 - back) & (COPIES - 1);
    wire(copies[at].bytes, copies[at].length);
}

static void send_raw(input_t *input)
{
    uint8_t bytes[UINT8_MAX], length = take(input);
    for (uint8_t i = 0; i < length; i++)
        bytes[i] = take(input);
    wire(bytes, length);
}

static void send_any_frame(input_t *input)
{
    uint8_t body[LIMIT_CONTENT_BYTES], id = take(input) & GUARD_ID_LAST;
    uint8_t length = take(input) % (LIMIT_CONTENT_BYTES - HEAD_BYTES - CRC_BYTES + 1);
    for (uint8_t i = 0; i < length; i++)
        body[i] = take(input);
    send_frame(id, body, length);
}

static void send_allow(input_t *input)
{
    const guard_t *guard = &gate.host.gate.guard;
    const uint32_t uptime = guard->uptime.low;
    uint8_t body[MSG_ALLOW_BYTES];
    msg_allow_t allow = {.boot = gate.host.gate.store.boot, .seen = gate.host.history.head.newest};
    allow.seq = take(input);
    const uint8_t lease = take(input), button = take(input), button_for = take(input), flags = take(input);
    allow.live_until = lease ? (ms40_t){uptime + (uint32_t)lease * UNIT_MS, 0} : (ms40_t){0, 0};
    allow.button_ms = (uint32_t)button * UNIT_MS;
    allow.button_until = (ms40_t){uptime + (uint32_t)button_for * UNIT_MS, 0};
    allow.flags = flags & 3;
    allow.seen -= flags & 0x10 ? 1 : 0;
    allow.boot += flags & 0x20 ? 1 : 0;
    msg_allow_write(body, &allow);
    send_frame(MSG_ALLOW, body, sizeof body);
}

static void send_lock(input_t *input)
{
    uint8_t body[MSG_LOCK_BYTES];
    const msg_lock_t lock = {gate.host.gate.store.boot, take(input)};
    msg_lock_write(body, &lock);
    send_frame(MSG_LOCK, body, sizeof body);
}

static void send_setting(input_t *input)
{
    uint8_t body[MSG_SETTING_BYTES];
    msg_setting_t setting = {.boot = gate.host.gate.store.boot, .op = SETTING_OP_WRITE};
    setting.seq = take(input);
    setting.setting = take(input);
    setting.value[0] = take(input);
    setting.value[1] = take(input);
    msg_setting_write(body, &setting);
    send_frame(MSG_SETTING, body, sizeof body);
}

static void send_mute(input_t *input)
{
    uint8_t body[MSG_MUTE_BYTES];
    msg_mute_t mute = {.seq = take(input)};
    mute.reason = take(input);
    msg_mute_write(body, &mute);
    send_frame(MSG_MUTE, body, sizeof body);
}

static void send_stored(input_t *input)
{
    uint8_t body[MSG_STORED_BYTES];
    const msg_stored_t stored = {gate.host.gate.store.boot, gate.host.history.head.newest - take(input)};
    msg_stored_write(body, &stored);
    send_frame(MSG_STORED, body, sizeof body);
}

static void send_hello(input_t *input)
{
    uint8_t body[MSG_HELLO_BYTES];
    msg_hello_t hello = {.controller = take(input)};
    hello.challenge[0] = take(input);
    msg_hello_write(body, &hello);
    send_frame(MSG_HELLO, body, sizeof body);
}

static void reset(uint8_t how, uint8_t torn)
{
    static const uint8_t reasons[] = {REASON_EXTERNAL_RESET, REASON_WATCHDOG, REASON_POWER_ON, REASON_POWER_ON};
    how %= sizeof reasons;
    if (how == 3 && gate.host.writing)
        host_nv_finish(&gate.host, torn);
    if (reasons[how] == REASON_POWER_ON)
        simulated_cut(&gate);
    else
        host_hold(&gate.host);
    simulated_start(&gate, reasons[how]);
    promise_started(&promise, &gate, reasons[how]);
}

static void hold_sense(uint8_t how)
{
    gate.sense_torn = how % 4 != 3;
    host_drive(&gate.host, PIN_SENSE, gate.sense_torn ? (drive_t)(how % 4) : gate.contact ? DRIVE_HIGH : DRIVE_LOW);
}

static void press(bool down)
{
    host_drive(&gate.host, PIN_BUTTON, down ? DRIVE_LOW : DRIVE_FLOAT);
    promise_button(&promise, &gate, down);
}

static uint32_t duration(uint8_t n)
{
    return n < 200 ? n : n < 240 ? (n - 199) * 100U : (n - 239) * 1000U;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t input = {data, size};
    uint32_t ms = 0;
    uint8_t how;
    begin(take(&input));
    while (input.left && ms < MOST_MS) {
        switch (take(&input) % 15) {
        case 0:
            send_raw(&input);
            break;
        case 1:
            send_any_frame(&input);
            break;
        case 2:
            send_allow(&input);
            break;
        case 3:
            send_mute(&input);
            break;
        case 4:
            for (uint32_t left = duration(take(&input)); left && ms < MOST_MS; left--, ms++)
                tick();
            break;
        case 5:
            press(true);
            break;
        case 6:
            press(false);
            break;
        case 7:
            hold_sense(take(&input));
            break;
        case 8:
            how = take(&input);
            reset(how, take(&input));
            break;
        case 9:
            send_lock(&input);
            break;
        case 10:
            send_setting(&input);
            break;
        case 11:
            signing = take(&input) % SIGN_WAYS;
            break;
        case 13:
            send_stored(&input);
            break;
        case 14:
            send_hello(&input);
            break;
        default:
            send_copy(take(&input));
        }
    }
    return 0;
}
