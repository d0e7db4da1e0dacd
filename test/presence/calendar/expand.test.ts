/** Which events an ICS text comes to at a site, whatever the zone of this process is. */
import { describe, expect, test } from '@jest/globals';
import { eventsOf, ics } from './ics.ts';

const AUTUMN = ['2026-10-20', '2026-11-03'] as const;

describe('times', () => {
  test('UTC, a named zone, none, and a date', () => {
    const text = ics(
      'SUMMARY:utc\nDTSTART:20261103T100000Z\nDTEND:20261103T110000Z',
      'SUMMARY:named\nDTSTART;TZID=America/New_York:20261103T100000\nDURATION:PT45M',
      'SUMMARY:floating\nDTSTART:20261103T100000\nDTEND:20261103T110000',
      'SUMMARY:day\nDTSTART;VALUE=DATE:20261103',
      'SUMMARY:days\nDTSTART;VALUE=DATE:20261103\nDTEND;VALUE=DATE:20261105',
      'SUMMARY:same day\nDTSTART;VALUE=DATE:20261103\nDTEND;VALUE=DATE:20261103',
    );
    expect(eventsOf(text, 'Europe/Berlin', '2026-11-01', '2026-11-10')).toEqual([
      'day 2026-11-02T23:00/2026-11-03T23:00',
      'same day 2026-11-02T23:00/2026-11-03T23:00',
      'days 2026-11-02T23:00/2026-11-04T23:00',
      'floating 2026-11-03T09:00/2026-11-03T10:00',
      'utc 2026-11-03T10:00/2026-11-03T11:00',
      'named 2026-11-03T15:00/2026-11-03T15:45',
    ]);
  });

  test('a day is as long as it is at the site', () => {
    const text = ics('SUMMARY:off\nDTSTART;VALUE=DATE:20261025\nDTEND;VALUE=DATE:20261026');
    expect(eventsOf(text, 'Europe/Berlin', ...AUTUMN)).toEqual(['off 2026-10-24T22:00/2026-10-25T23:00']);
    expect(eventsOf(text, 'Pacific/Kiritimati', ...AUTUMN)).toEqual([
      'off 2026-10-24T10:00/2026-10-25T10:00',
    ]);
    // Midnight comes twice on this day in Havana, and is left out on that one in Beirut.
    const november = ics('SUMMARY:off\nDTSTART;VALUE=DATE:20261101');
    expect(eventsOf(november, 'America/Havana', ...AUTUMN)).toEqual([
      'off 2026-11-01T04:00/2026-11-02T05:00',
    ]);
    const march = ics('SUMMARY:off\nDTSTART;VALUE=DATE:20260329');
    expect(eventsOf(march, 'Asia/Beirut', '2026-03-20', '2026-04-03')).toEqual([
      'off 2026-03-28T22:00/2026-03-29T21:00',
    ]);
  });

  test('past midnight, over the edge of what is looked at, and none that takes no time', () => {
    const text = ics(
      'SUMMARY:night\nDTSTART:20261019T220000Z\nDTEND:20261020T060000Z',
      'SUMMARY:long\nDTSTART;VALUE=DATE:20200101\nDTEND;VALUE=DATE:20300101',
      'SUMMARY:over\nDTSTART:20261019T220000Z\nDTEND:20261020T000000Z',
      'SUMMARY:reminder\nDTSTART:20261021T220000Z',
      'SUMMARY:nothing\nDTSTART:20261021T220000Z\nDTEND:20261021T220000Z',
    );
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toEqual([
      'long 2020-01-01T00:00/2030-01-01T00:00',
      'night 2026-10-19T22:00/2026-10-20T06:00',
    ]);
  });

  test.each([
    ['Europe/Berlin', '2026-11-03T09:00'],
    ['W. Europe Standard Time', '2026-11-03T09:00'],
    ['eastern standard time', '2026-11-03T15:00'],
    ['Lord Howe Standard Time', '2026-11-02T23:00'],
    ['/mozilla.org/20050126_1/America/Argentina/Buenos_Aires', '2026-11-03T13:00'],
    ['/freeassociation.sourceforge.net/Europe/Berlin', '2026-11-03T09:00'],
    ['tzone://Microsoft/Utc', '2026-11-03T10:00'],
    ['GMT', '2026-11-03T10:00'],
  ])('the zone %s', (tzid, start) => {
    const text = ics(`SUMMARY:x\nDTSTART;TZID="${tzid}":20261103T100000\nDURATION:PT1H`);
    expect(eventsOf(text, 'Asia/Tokyo', '2026-11-01', '2026-11-05')).toEqual([
      expect.stringContaining(`x ${start}/`),
    ]);
  });

  test('a zone that only the calendar knows goes by its definition, one with a known name does not', () => {
    const wrong = `
      BEGIN:VTIMEZONE
      TZID:%
      BEGIN:STANDARD
      DTSTART:16010101T020000
      TZOFFSETFROM:+0900
      TZOFFSETTO:+0800
      RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
      END:STANDARD
      BEGIN:DAYLIGHT
      DTSTART:16010101T010000
      TZOFFSETFROM:+0800
      TZOFFSETTO:+0900
      RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
      END:DAYLIGHT
      END:VTIMEZONE`;
    const weekly = (tzid: string) =>
      ics(
        wrong.replace('%', tzid),
        `SUMMARY:x\nDTSTART;TZID=${tzid}:20261022T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261029T235959Z`,
      );
    expect(eventsOf(weekly('Customized Time Zone'), 'UTC', ...AUTUMN)).toEqual([
      'x 2026-10-22T01:00/2026-10-22T02:00',
      'x 2026-10-29T02:00/2026-10-29T03:00',
    ]);
    expect(eventsOf(weekly('Europe/Berlin'), 'UTC', ...AUTUMN)).toEqual([
      'x 2026-10-22T08:00/2026-10-22T09:00',
      'x 2026-10-29T09:00/2026-10-29T10:00',
    ]);
    const named = wrong.replace('%', 'My zone\nX-LIC-LOCATION:America/New_York');
    expect(
      eventsOf(
        ics(named, 'SUMMARY:x\nDTSTART;TZID=My zone:20261022T100000\nDURATION:PT1H'),
        'UTC',
        ...AUTUMN,
      ),
    ).toEqual(['x 2026-10-22T14:00/2026-10-22T15:00']);
  });

  test('S4: a zone that nobody knows makes the calendar unknown while such an event may take place', () => {
    const text = ics('SUMMARY:Call\nDTSTART;TZID=Middle Earth:20261103T100000\nDURATION:PT1H');
    const why = 'event “Call”: nobody knows its time zone `Middle Earth`';
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toEqual(why);
    expect(eventsOf(text, 'UTC', '2026-11-03', '2026-11-09')).toEqual(why);
    expect(eventsOf(text, 'UTC', '2026-11-05', '2026-11-09')).toEqual([]);
    // Nor does it matter to a rule that is about other events.
    expect(eventsOf(text, 'UTC', ...AUTUMN, 'interview')).toEqual([]);
  });
});

describe('repetitions', () => {
  test.each([
    ['America/New_York', '2026-10-29T13:30', '2026-11-05T14:30'],
    ['Europe/Berlin', '2026-10-29T08:30', '2026-11-05T08:30'],
    ['Australia/Lord_Howe', '2026-10-28T22:30', '2026-11-04T22:30'],
  ])('every week at half past nine in %s, over a clock change', (zone, first, second) => {
    const text = ics(`SUMMARY:x\nDTSTART;TZID=${zone}:20200102T093000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY`);
    const at = (start: string) => expect.stringContaining(`x ${start}/`);
    expect(eventsOf(text, 'UTC', '2026-10-27', '2026-11-08')).toEqual([at(first), at(second)]);
  });

  test('over the change of clocks at Lord Howe, which is half an hour', () => {
    const text = ics(
      'SUMMARY:x\nDTSTART;TZID=Australia/Lord_Howe:20260402T220000\nDTEND;TZID=Australia/Lord_Howe:20260403T060000\nRRULE:FREQ=DAILY;COUNT=4',
    );
    // It ends at six by the clock on each of these nights, of which one is longer.
    expect(eventsOf(text, 'UTC', '2026-04-01', '2026-04-10')).toEqual([
      'x 2026-04-02T11:00/2026-04-02T19:00',
      'x 2026-04-03T11:00/2026-04-03T19:00',
      'x 2026-04-04T11:00/2026-04-04T19:30',
      'x 2026-04-05T11:30/2026-04-05T19:30',
    ]);
  });

  test('in a gap it begins as much later as the gap is long, in a repeated hour the first time', () => {
    const daily = (day: string) =>
      ics(`SUMMARY:x\nDTSTART;TZID=Europe/Berlin:${day}T023000\nDURATION:PT15M\nRRULE:FREQ=DAILY;COUNT=2`);
    expect(eventsOf(daily('20260328'), 'UTC', '2026-03-20', '2026-04-03')).toEqual([
      'x 2026-03-28T01:30/2026-03-28T01:45',
      'x 2026-03-29T01:30/2026-03-29T01:45',
    ]);
    expect(eventsOf(daily('20261024'), 'UTC', ...AUTUMN)).toEqual([
      'x 2026-10-24T00:30/2026-10-24T00:45',
      'x 2026-10-25T00:30/2026-10-25T00:45',
    ]);
  });

  test('every hour, also in the hour that comes twice', () => {
    const text = ics(
      'SUMMARY:x\nDTSTART;TZID=Europe/Berlin:20261025T000000\nDURATION:PT10M\nRRULE:FREQ=HOURLY;UNTIL=20261025T040000',
    );
    expect((eventsOf(text, 'UTC', ...AUTUMN) as string[]).map((each) => each.slice(2, 18))).toEqual([
      '2026-10-24T22:00',
      '2026-10-24T23:00',
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
      '2026-10-25T03:00',
    ]);
  });

  test.each([
    ['COUNT=3', 3],
    ['UNTIL=20261022T080000Z', 3],
    ['UNTIL=20261022T075959Z', 2],
    ['UNTIL=20261022T100000', 3],
    ['UNTIL=20261022', 3],
    ['UNTIL=20261021T235959Z', 2],
    ['INTERVAL=2;COUNT=3', 3],
  ])('DAILY;%s', (end, count) => {
    const text = ics(
      `SUMMARY:x\nDTSTART;TZID=Europe/Berlin:20261020T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;${end}`,
    );
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toHaveLength(count);
  });

  test('all-day repetitions end with the day that UNTIL names', () => {
    for (const until of ['20261022', '20261022T000000Z', '20261022T235959Z'])
      expect(
        eventsOf(
          ics(`SUMMARY:x\nDTSTART;VALUE=DATE:20261020\nRRULE:FREQ=DAILY;UNTIL=${until}`),
          'America/New_York',
          ...AUTUMN,
        ),
      ).toEqual([
        'x 2026-10-20T04:00/2026-10-21T04:00',
        'x 2026-10-21T04:00/2026-10-22T04:00',
        'x 2026-10-22T04:00/2026-10-23T04:00',
      ]);
  });

  test('the last Friday, the second workday, a week that begins on Sunday', () => {
    const of = (start: string, rule: string) =>
      (
        eventsOf(
          ics(`SUMMARY:x\nDTSTART:${start}T100000Z\nDURATION:PT1H\nRRULE:${rule}`),
          'UTC',
          '2026-10-01',
          '2026-12-01',
        ) as string[]
      ).map((each) => each.slice(7, 12));
    expect(of('20260130', 'FREQ=MONTHLY;BYDAY=-1FR')).toEqual(['10-30', '11-27']);
    expect(of('20260102', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2')).toEqual(['10-02', '11-03']);
    expect(of('20261006', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=4')).toEqual([
      '10-06',
      '10-18',
      '10-20',
      '11-01',
    ]);
  });

  test('exceptions by instant, by another zone, by day; and dates beside the rule', () => {
    const text = ics(`
      SUMMARY:x
      DTSTART;TZID=Europe/Berlin:20261020T100000
      DURATION:PT1H
      RRULE:FREQ=DAILY;COUNT=6
      EXDATE;TZID=Europe/Berlin:20261021T100000,20261022T110000
      EXDATE:20261023T080000Z
      EXDATE;VALUE=DATE:20261024
      RDATE;TZID=Europe/Berlin:20261030T120000
      RDATE;VALUE=PERIOD:20261031T120000Z/PT5M,20261031T130000Z/20261031T133000Z`);
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toEqual([
      'x 2026-10-20T08:00/2026-10-20T09:00',
      'x 2026-10-22T08:00/2026-10-22T09:00',
      'x 2026-10-25T09:00/2026-10-25T10:00',
      'x 2026-10-30T11:00/2026-10-30T12:00',
      'x 2026-10-31T12:00/2026-10-31T12:05',
      'x 2026-10-31T13:00/2026-10-31T13:30',
    ]);
  });

  test('instances that are moved, cancelled, renamed, and moved in from far away and out of sight', () => {
    const master = `
      UID:a
      SUMMARY:Standup
      DTSTART;TZID=Europe/Berlin:20261019T100000
      DTEND;TZID=Europe/Berlin:20261019T103000
      RRULE:FREQ=DAILY`;
    const instead = (id: string, rest: string) => `UID:a\nRECURRENCE-ID;TZID=Europe/Berlin:${id}\n${rest}`;
    const text = ics(
      instead('20261021T100000', 'SUMMARY:Standup\nDTSTART:20261021T150000Z\nDURATION:PT1H'),
      master,
      instead('20261022T100000', 'SUMMARY:Standup\nSTATUS:CANCELLED\nDTSTART:20261022T080000Z'),
      instead('20261023T100000', 'SUMMARY:Interview\nDTSTART:20261023T080000Z\nDURATION:PT1H'),
      instead('20261020T100000', 'SUMMARY:Standup\nDTSTART:20270101T080000Z\nDURATION:PT1H'),
      instead('20270303T100000', 'SUMMARY:Standup\nDTSTART:20261024T190000Z\nDURATION:PT1H'),
    );
    expect(eventsOf(text, 'UTC', '2026-10-20', '2026-10-25', 'standup')).toEqual([
      'Standup 2026-10-21T15:00/2026-10-21T16:00',
      'Standup 2026-10-24T08:00/2026-10-24T08:30',
      'Standup 2026-10-24T19:00/2026-10-24T20:00',
    ]);
    expect(eventsOf(text, 'UTC', '2026-10-20', '2026-10-25', 'interview')).toEqual([
      'Interview 2026-10-23T08:00/2026-10-23T09:00',
    ]);
  });

  test('an instance without its series, an instance of all-day events, and two versions of an event', () => {
    const text = ics(
      'UID:a\nSUMMARY:invited\nRECURRENCE-ID:20261021T080000Z\nDTSTART:20261021T090000Z\nDURATION:PT1H',
      'UID:b\nSUMMARY:off\nDTSTART;VALUE=DATE:20261021\nRRULE:FREQ=DAILY;COUNT=3',
      'UID:b\nSUMMARY:off\nRECURRENCE-ID;VALUE=DATE:20261022\nDTSTART;VALUE=DATE:20261028',
      'UID:c\nSUMMARY:old\nSEQUENCE:0\nDTSTART:20261021T120000Z\nDURATION:PT1H',
      'UID:c\nSUMMARY:new\nSEQUENCE:2\nDTSTART:20261021T130000Z\nDURATION:PT1H',
    );
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toEqual([
      'off 2026-10-21T00:00/2026-10-22T00:00',
      'invited 2026-10-21T09:00/2026-10-21T10:00',
      'new 2026-10-21T13:00/2026-10-21T14:00',
      'off 2026-10-23T00:00/2026-10-24T00:00',
      'off 2026-10-28T00:00/2026-10-29T00:00',
    ]);
  });
});

describe('which events count', () => {
  const text = ics(
    'SUMMARY:Budget call\nDTSTART:20261021T100000Z\nDURATION:PT1H',
    'SUMMARY:x\nCATEGORIES:Work\\, all,Interview\nDTSTART:20261021T110000Z\nDURATION:PT1H',
    'SUMMARY:y\nLOCATION:Straße 1\nDTSTART:20261021T120000Z\nDURATION:PT1H',
    'SUMMARY:z\nDESCRIPTION:call\nDTSTART:20261021T130000Z\nDURATION:PT1H',
    'SUMMARY:cancelled call\nSTATUS:CANCELLED\nDTSTART:20261021T140000Z\nDURATION:PT1H',
    'SUMMARY:free call\nTRANSP:TRANSPARENT\nDTSTART:20261021T150000Z\nDURATION:PT1H',
  );
  test.each([
    ['CALL', ['Budget call', 'free call']],
    ['/call|interview/i', ['Budget call', 'x', 'free call']],
    ['/CALL/', []],
    ['work, all', ['x']],
    ['straße', ['y']],
    ['/^[xy]$/', ['x', 'y']],
    ['a/b', []],
  ])('match: %s', (match, titles) => {
    const found = eventsOf(text, 'UTC', ...AUTUMN, match) as string[];
    expect(found.map((each) => each.slice(0, -34))).toEqual(titles);
  });

  test('without `match` all but those that are cancelled, also those marked as free', () => {
    expect(eventsOf(text, 'UTC', ...AUTUMN)).toHaveLength(5);
  });
});
