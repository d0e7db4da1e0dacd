#include "hal/host/simulated.h"

/* Of the relay in controller/bench/relay.ts, and of the EEPROM of an ATmega328P. */
enum { OPERATE_MS = 7, RELEASE_MS = 4, WRITE_MS = 4 };

static void move_contact(simulated_t *gate, bool closed)
{
    gate->contact = closed;
    gate->contact_ms = 0;
    if (!gate->sense_torn)
        host_drive(&gate->host, PIN_SENSE, closed ? DRIVE_HIGH : DRIVE_LOW);
    if (gate->on_contact)
        gate->on_contact(gate, closed);
}

static void contact_tick(simulated_t *gate)
{
    if (gate->contact == gate->host.actuator)
        gate->contact_ms = 0;
    else if (++gate->contact_ms >= (gate->contact ? RELEASE_MS : OPERATE_MS))
        move_contact(gate, !gate->contact);
}

static void eeprom_tick(simulated_t *gate)
{
    if (!gate->host.writing || ++gate->write_ms < WRITE_MS)
        return;
    gate->write_ms = 0;
    host_nv_finish(&gate->host, gate->host.write_value);
    if (gate->on_stored)
        gate->on_stored(gate, gate->host.write_address);
}

void simulated_init(simulated_t *gate)
{
    memset(gate, 0, sizeof *gate);
    host_init(&gate->host);
    host_drive(&gate->host, PIN_SENSE, DRIVE_LOW);
}

void simulated_start(simulated_t *gate, uint8_t reset_reason)
{
    const board_facts_t facts = {.product = PRODUCT_UNO_RELAY, .reset_reason = reset_reason, .brown_out = BROWN_OUT_4_3_V};
    host_start(&gate->host, &facts);
}

void simulated_cut(simulated_t *gate)
{
    host_hold(&gate->host);
    gate->host.writing = false;
    memset(&gate->host.history, 0, sizeof gate->host.history);
}

void simulated_tick(simulated_t *gate)
{
    if (gate->button_ms && --gate->button_ms == 0)
        host_drive(&gate->host, PIN_BUTTON, DRIVE_FLOAT);
    eeprom_tick(gate);
    if (gate->host.running)
        host_tick(&gate->host);
    contact_tick(gate);
}

void simulated_press(simulated_t *gate, uint32_t ms)
{
    gate->button_ms = ms;
    host_drive(&gate->host, PIN_BUTTON, DRIVE_LOW);
}
