/** Times, sizes and numbers as people read them, in the language of the window. Pure: no clock, no DOM, no vscode. */

export interface Formats {
  /** Seconds: "0.4s", "42s", "4m 12s", "3h 5m". What is too short to matter is "0s". */
  readonly duration: (seconds: number) => string;
  /** The same, below a second in thousandths: "6ms". */
  readonly latency: (seconds: number) => string;
  /** "1.7 GB"; decimal units, as the command line has them. */
  readonly bytes: (count: number) => string;
  /** A measured number in four digits: "2.817", "2.5e-4", "12,340". */
  readonly value: (value: number) => string;
  /** A whole number with its thousands apart. */
  readonly count: (value: number) => string;
  /** A share from 0 to 1: "41%". */
  readonly percent: (share: number) => string;
  /** A time (ms since 1970) as date and time of day; the date is left out where `today` is the same day. */
  readonly moment: (time: number, today: Date) => string;
  /** The time of day with seconds. */
  readonly clock: (time: number) => string;
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function formats(locale: string): Formats {
  const language = supported(locale);
  const unit = (value: number, name: string, digits = 0, display: 'narrow' | 'short' = 'narrow'): string =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: display,
      maximumFractionDigits: digits,
    }).format(value);
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const digits = new Intl.NumberFormat(language, { maximumSignificantDigits: 4 });
  const small = new Intl.NumberFormat(language, { notation: 'scientific', maximumSignificantDigits: 4 });
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const timeOfDay = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
  const seconds = new Intl.DateTimeFormat(language, {
    hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  });

  const duration = (value: number): string => {
    if (!Number.isFinite(value) || value < 0) return '';
    if (value < 9.95) return unit(value, 'second', value < 0.05 ? 0 : 1);
    const rounded = Math.round(value);
    const parts: [number, string][] = [
      [Math.floor(rounded / 86400), 'day'],
      [Math.floor(rounded / 3600) % 24, 'hour'],
      [Math.floor(rounded / 60) % 60, 'minute'],
      [rounded % 60, 'second'],
    ];
    const first = parts.findIndex(([amount]) => amount > 0);
    const told = parts.slice(first, first + 2).filter(([amount], index) => index === 0 || amount > 0);
    return told.map(([amount, name]) => unit(amount, name)).join(' ');
  };

  return {
    duration,
    latency: (value) => (value >= 0 && value < 0.9995 ? unit(value * 1000, 'millisecond') : duration(value)),
    bytes(value) {
      if (!Number.isFinite(value) || value < 0) return '';
      let power = 0;
      let scaled = value;
      while (scaled >= 999.5 && power < BYTE_UNITS.length - 1) {
        scaled /= 1000;
        power += 1;
      }
      const fraction = power > 0 && scaled < 99.95 ? 1 : 0;
      return unit(scaled, BYTE_UNITS[power] ?? 'byte', fraction, 'short');
    },
    value(value) {
      if (!Number.isFinite(value)) return String(value);
      const size = Math.abs(value);
      if (size !== 0 && (size < 1e-3 || size >= 1e7)) return small.format(value).replace('E', 'e');
      return size >= 10_000 ? whole.format(value) : digits.format(value);
    },
    count: (value) => (Number.isFinite(value) ? whole.format(value) : ''),
    percent: (value) => (Number.isFinite(value) ? share.format(value) : ''),
    moment(time, today) {
      const then = new Date(time);
      return then.toDateString() === today.toDateString() ? timeOfDay.format(then) : day.format(then);
    },
    clock: (time) => seconds.format(new Date(time)),
  };
}

function supported(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en';
  } catch {
    return 'en';
  }
}

/** Text with {0}, {1} ... filled in, as vscode.l10n.t does it. */
export function fill(text: string, ...values: (string | number)[]): string {
  return text.replace(/\{(\d+)\}/g, (whole, index: string) => {
    const value = values[Number(index)];
    return value === undefined ? whole : String(value);
  });
}

/** The last part of a path of any system. */
export function baseName(path: string): string {
  return path.replace(/[\\/]+$/, '').split(/[\\/]/).pop() ?? path;
}
