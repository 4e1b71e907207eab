"""The rules of peers, restated in a few lines each, on the sightings of one shopper.

Peers tell whether somebody is near and which scanner is nearest, not visits. On top of all of them stands the same
bookkeeping, the gateway's: a visit starts when a rule first says `near`, ends after ENDS_AFTER_S without, and `left_at`
is when the rule said it last. Identity is given to them too: the shopper, not the address, which changes.

Each rule boils the sightings down to one nearness, in dB or the like (greater is nearer), and the scanner it is of; the
lines to enter and to leave come out of the calibration walk by thresholds.doorstep, as for our simple mode.
"""
import collections
import math

import thresholds
from scores import Events

ENDS_AFTER_S = 600  # [visit] ends_after of the contract


class FirstPacket:
    """A visit at the first advertisement heard, as "device seen" automations do. The zone: the strongest of a second."""

    always_near, leave_below = True, 0.0
    SAME_MOMENT_S = 1.0

    def __init__(self):
        self.newest = collections.deque()

    def heard(self, second, scanner, rssi, _):
        self.newest.append((second, rssi, scanner))
        while second - self.newest[0][0] > self.SAME_MOMENT_S:
            self.newest.popleft()
        _, strongest, zone_scanner = max(self.newest, key=lambda one: one[1])
        return strongest, zone_scanner


class KalmanDistance:
    """room-assistant 2.20: a Kalman filter of RSSI for each instance, KalmanFilterable(Object, 0.8, 15) in
    bluetooth-low-energy.service.ts (kalmanjs: R process noise, Q measurement noise); the distance of tag.ts; the nearest
    instance by bluetooth-low-energy-distributed.sensor.ts: taken over by a smaller distance, or when the present one has
    been silent for `timeout` = 5 s; `maxDistance`: farther is not reported. Enter and leave at the same distance."""

    always_near, leave_below = False, 0.0
    R, Q, TIMEOUT_S = 0.8, 15.0, 5.0

    def __init__(self):
        self.filters = {}
        self.owner, self.distance, self.updated = None, math.inf, -math.inf

    def heard(self, second, scanner, rssi, measured_power):
        if scanner in self.filters:
            value, covariance = self.filters[scanner]
            covariance += self.R
            gain = covariance / (covariance + self.Q)
            value, covariance = value + gain * (rssi - value), covariance - gain * covariance
        else:
            value, covariance = float(rssi), self.Q
        self.filters[scanner] = value, covariance
        ratio = value / measured_power
        distance = round(ratio**10 if ratio < 1 else 0.89976 * ratio**7.7095 + 0.111, 1)
        if self.owner is None or distance < self.distance or second - self.updated > self.TIMEOUT_S:
            self.owner = scanner
        if self.owner == scanner:
            self.distance, self.updated = distance, second
        return -10 * math.log10(max(0.1, self.distance)), self.owner


class EnterExitDistance:
    """ESPresense: AdaptivePercentileRSSI (a mean within Tukey's fences, k = 1.5, over 15 s) per node, distance
    10^((RSSI at 1 m - RSSI) / (10 absorption)), absorption 3.5; counted from below `countEnter` until above `countExit`
    (2 and 4 m by default, here from the calibration) or `countMs` = 10 s unheard (BleFingerprint::shouldCount). The
    nearest node heard within countMs names the zone. happy-bubbles presence works alike."""

    always_near, leave_below = False, thresholds.EXIT_BELOW_DB
    WINDOW_S, TUKEY, ABSORPTION, UNHEARD_S = 15.0, 1.5, 3.5, 10.0

    def __init__(self):
        self.windows, self.nodes = collections.defaultdict(collections.deque), {}

    def heard(self, second, scanner, rssi, measured_power):
        window = self.windows[scanner]
        window.append((second, rssi))
        while second - window[0][0] > self.WINDOW_S:
            window.popleft()
        ordered = sorted(value for _, value in window)
        low, high = thresholds.quantile(ordered, 0.25), thresholds.quantile(ordered, 0.75)
        reach = self.TUKEY * (high - low)
        kept = [value for value in ordered if low - reach <= value <= high + reach]
        distance = 10 ** ((measured_power - sum(kept) / len(kept)) / (10 * self.ABSORPTION))
        self.nodes[scanner] = second, distance
        nearest, of = min((d, s) for s, (at, d) in self.nodes.items() if second - at <= self.UNHEARD_S)
        return -10 * self.ABSORPTION * math.log10(nearest), of


class StrongestWithDeadband:
    """Home Assistant: habluetooth's manager. An exponential mean with factor 0.3 per source; another source takes over if
    it is stronger by ADV_RSSI_SWITCH_THRESHOLD = 16 dB (6 more if it has just lost the place), or if the owner is stale:
    unheard for the longest of 16 learnt intervals + 5 s of wobble, before that for 195 s (homeassistant.components
    .bluetooth.const). The owner's area is the zone; near or not by the owner's mean."""

    always_near, leave_below = False, thresholds.EXIT_BELOW_DB
    FACTOR, SWITCH_DB, DEADBAND_DB, LEARNT_FROM, WOBBLE_S, STALE_S = 0.3, 16.0, 6.0, 16, 5.0, 195.0

    def __init__(self):
        self.means, self.owner, self.demoted, self.owner_heard = {}, None, None, 0.0
        self.times = collections.deque(maxlen=self.LEARNT_FROM)

    def _stale_s(self):
        if len(self.times) < self.LEARNT_FROM:
            return self.STALE_S
        moments = list(self.times)
        return max(b - a for a, b in zip(moments, moments[1:])) + self.WOBBLE_S

    def heard(self, second, scanner, rssi, _):
        mean = self.means.get(scanner, rssi)
        self.means[scanner] = mean = mean + self.FACTOR * (rssi - mean)
        if self.owner is None:
            self.owner = scanner
        elif scanner != self.owner:
            margin = self.SWITCH_DB + (self.DEADBAND_DB if scanner == self.demoted else 0)
            if mean - self.means[self.owner] > margin or second - self.owner_heard > self._stale_s():
                self.demoted, self.owner = self.owner, scanner
                self.times.clear()
        if scanner == self.owner:
            self.owner_heard = second
            self.times.append(second)
        return self.means[self.owner], self.owner


RULES = {"first packet": FirstPacket, "kalman distance": KalmanDistance, "enter/exit distance": EnterExitDistance,
         "strongest, deadband": StrongestWithDeadband}


def enter_line(rule, zone_of_scanner, entrances, marks, sightings):
    """From the calibration walk, by the procedure of thresholds.py."""
    inside, street, one = [], [], rule()
    for second, scanner, _, rssi, power in sightings:
        nearness, _ = one.heard(second, scanner, rssi, power)
        stands_in = thresholds.zone_at(marks, second)
        if stands_in == "street":
            street.append(nearness)
        elif stands_in in entrances:
            inside.append(nearness)
    return -math.inf if rule.always_near else thresholds.doorstep(inside, street)


def events_of(rule, line, zone_of_scanner, sightings):
    """What a peer says of a walk, with the visits put on top."""
    events, rules, open_visits = Events(), {}, {}  # open visit: (near at the moment, last near, zone)
    for second, scanner, who, rssi, power in sightings:
        nearness, of = rules.setdefault(who, rule()).heard(second, scanner, rssi, power)
        near, last, zone = open_visits.get(who, (False, None, None))
        near = nearness >= (line - rule.leave_below if near else line)
        if last is not None and second - last > ENDS_AFTER_S:
            events.ended[who].append(last)
            last = zone = None
        if near:
            if last is None:
                events.started[who].append(second)
            if zone_of_scanner[of] != zone:
                zone = zone_of_scanner[of]
                events.zones[who].append((second, zone))
            last = second
        open_visits[who] = near, last, zone
    for who, (_, last, _) in open_visits.items():
        if last is not None:
            events.ended[who].append(last)
    return events
