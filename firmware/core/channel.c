#include "core/channel.h"

#include "core/settings.h"
#include "hal/hal.h"

_Static_assert(MSG_IDENTITY_BYTES <= MSG_STATE_BYTES && MSG_EVENT_BYTES <= MSG_STATE_BYTES && MSG_VALUE_BYTES <= MSG_STATE_BYTES,
               "a message does not fit its place");

enum { NOWHERE = 0xFF };

void channel_start(channel_t *channel, gate_t *gate)
{
    memset(channel, 0, sizeof *channel);
    channel->gate = gate;
    channel->pairing = gate->store.pairing;
    channel->held = NOWHERE;
}

void channel_put(channel_t *channel, const frame_t *frame)
{
    uint8_t other = !channel->newest;
    uint8_t at = channel->arrived[other] ? channel->newest : other;
    if (channel->arrived[at])
        return;
    channel->mail[at] = *frame;
    channel->overtaken[at] = false;
    channel->arrived[at] = true;
    channel->newest = at;
}

void channel_mute(channel_t *channel)
{
    channel->overtaken[0] = channel->overtaken[1] = true;
}

static bool is_waiting(const channel_t *channel, uint8_t at)
{
    return channel->arrived[at] && at != channel->held;
}

bool channel_has_mail(const channel_t *channel)
{
    return is_waiting(channel, 0) || is_waiting(channel, 1);
}

static bool is_keyed(const channel_t *channel)
{
    return store_keyed(&channel->gate->store);
}

/* True when the frame must stay where it is. */
static bool take(channel_t *channel, uint8_t at)
{
    const frame_t *frame = &channel->mail[at];
    gate_t *gate = channel->gate;
    const uint8_t *body = gate_body(frame);
    bool verify = body && is_keyed(channel) && frame_is_authenticated(frame);
    bool busy = body && channel->held != NOWHERE && (verify || frame->id == MSG_PAIR);
    bool stays = verify && !busy;
    if (stays)
        return true;
    guard_hold();
    if (busy)
        gate_busy(gate, frame, body);
    else
        stays = gate_receive(gate, frame, body, false, channel->overtaken[at]);
    guard_release();
    return stays;
}

/* The older one first. */
static void read_mail(channel_t *channel)
{
    while (channel_has_mail(channel)) {
        uint8_t last = channel->newest;
        uint8_t at = is_waiting(channel, !last) ? !last : last;
        if (take(channel, at))
            channel->held = at;
        else
            channel->arrived[at] = false;
    }
}

static void let_go(channel_t *channel)
{
    channel->arrived[channel->held] = false;
    channel->held = NOWHERE;
}

static const frame_t *held_frame(const channel_t *channel)
{
    return &channel->mail[channel->held];
}

static void judge(channel_t *channel, bool verified)
{
    const frame_t *frame = held_frame(channel);
    guard_hold();
    bool stays = gate_receive(channel->gate, frame, gate_body(frame), verified, channel->overtaken[channel->held]);
    guard_release();
    if (!stays)
        let_go(channel);
}

static bool holds(const channel_t *channel, bool key)
{
    return channel->held != NOWHERE && (held_frame(channel)->id == MSG_PAIR) == key;
}

static const uint8_t *mac_of(const frame_t *frame)
{
    return frame->content + frame->length - CRC_BYTES - LIMIT_MAC_BYTES;
}

/* Nothing that was begun with one key is ended with another. */
static void follow_key(channel_t *channel)
{
    if (channel->pairing == channel->gate->store.pairing)
        return;
    channel->pairing = channel->gate->store.pairing;
    channel->job = CHANNEL_IDLE;
    channel->out_id = 0;
    if (holds(channel, false))
        judge(channel, false);
}

static void transmit(uint8_t id, const uint8_t *content, uint8_t length)
{
    uint8_t frame[LIMIT_FRAME_BYTES];
    wire_send(frame, frame_encode(id, content, length, frame));
}

/* Takes the messages of the gate; those that want no authenticator go out at once. */
static void collect(channel_t *channel)
{
    while (!channel->out_id && wire_room() >= LIMIT_FRAME_BYTES) {
        uint8_t length;
        guard_hold();
        uint8_t id = gate_next(channel->gate, channel->out + HEAD_BYTES, &length);
        guard_release();
        if (!id)
            return;
        bool sign = is_keyed(channel) && id != MSG_NAK;
        channel->out[0] = PROTOCOL_VERSION << 4 | (sign ? HEAD_AUTHENTICATED : 0);
        channel->out[1] = channel->count++;
        length += HEAD_BYTES;
        if (!sign)
            transmit(id, channel->out, length);
        else {
            channel->out_id = id;
            channel->out_length = length;
        }
    }
}

static const uint8_t *gate_id(const channel_t *channel)
{
    return channel->gate->store.settings + SETTING_GATE_ID_AT;
}

static bool begin(channel_t *channel)
{
    bool verify = holds(channel, false);
    if (channel->out_id && !(verify && channel->signed_last)) {
        channel->job = CHANNEL_SIGNS;
        authenticator_begin(&channel->work, gate_id(channel), channel->out_id, channel->out, channel->out_length);
    } else if (verify) {
        const frame_t *frame = held_frame(channel);
        channel->job = CHANNEL_VERIFIES;
        authenticator_begin(&channel->work, gate_id(channel), frame->id, frame->content, (uint8_t)(mac_of(frame) - frame->content));
    } else
        return false;
    channel->signed_last = channel->job == CHANNEL_SIGNS;
    return true;
}

/* The EEPROM may be busy for some ms; until it is ready there is no key. */
static bool read_key(channel_t *channel)
{
    guard_hold();
    bool ready = nv_ready();
    if (ready)
        store_key(&channel->gate->store, authenticator_key(&channel->work));
    guard_release();
    return ready;
}

static void send_signed(channel_t *channel)
{
    uint8_t content[LIMIT_CONTENT_BYTES];
    memcpy(content, channel->out, channel->out_length);
    authenticator_write(&channel->work, content + channel->out_length);
    transmit(channel->out_id, content, (uint8_t)(channel->out_length + LIMIT_MAC_BYTES));
    channel->out_id = 0;
}

static void work(channel_t *channel)
{
    if (authenticator_needs_key(&channel->work) && !read_key(channel))
        return;
    if (!authenticator_step(&channel->work))
        return;
    if (channel->job == CHANNEL_SIGNS) {
        channel->job = CHANNEL_SIGNED;
        return;
    }
    channel->job = CHANNEL_IDLE;
    judge(channel, authenticator_is(&channel->work, mac_of(held_frame(channel))));
}

bool channel_run(channel_t *channel)
{
    follow_key(channel);
    if (holds(channel, true) && !gate_keeps_frame(channel->gate))
        let_go(channel);
    read_mail(channel);
    if (channel->job == CHANNEL_SIGNED) {
        if (wire_room() < LIMIT_FRAME_BYTES)
            return false;
        send_signed(channel);
        channel->job = CHANNEL_IDLE;
    }
    collect(channel);
    if (channel->job == CHANNEL_IDLE && !begin(channel))
        return false;
    work(channel);
    return true;
}
