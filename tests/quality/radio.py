"""What a scanner hears of a sender: the channel, the carrier's body, the crowd, the noise.

dB and dBm, metres, seconds. In the order in which the loss builds up:
- path: log-distance, RSSI at 1 m minus 10 n log10(d), plus the loss of each wall crossed (multi-wall, COST 231 final
  report 4.7.2; losses in plans.py);
- shadowing: a field over the floor for each scanner, normal in dB, correlation exp(-d / SHADOW_LENGTH_M) (Gudmundson,
  Electronics Letters 27(23), 1991); it stays while the shop stands, so who walks the same way meets it again;
- the carrier: the direct ray loses up to 12 dB, by the angle between the heading and the scanner and by where the phone is
  (two knife edges half a body's width apart at 0.15 to 0.3 m: 10 to 13 dB, 3GPP TR 38.901, 7.6.4.2). The scattered rays
  come from all around and stay, as there blockage takes single rays; so indoors 5 to 7 dB of the mean are lost and fading
  gets deeper. Some 0 to 3 dB are always lost near a body;
- other people: those on the line of sight come and go (Poisson), a few dB of the direct ray each;
- fast fading: Rician, of its own on each of the three advertising channels, of which a scanner hears one at a time
  (Faragher and Harle, IEEE JSAC 33(11), 2015, show how much the three differ); it changes with a few centimetres of way
  and slowly while everybody stands;
- the sender: a constant offset; the scanner: another; the report: a whole number of dBm;
- the receiver: near its sensitivity packets are lost with rising probability, and some always to collisions.

There is no Gaussian per zone anywhere: what a zone looks like comes out of geometry.
"""
import math

from people import STEP_S

GRID_M = 0.5
# Drawn for each shop. ITU-R P.1238 has 22 to 30 dB a decade indoors at 2 GHz (shop to office); here somewhat more, so that
# without anybody's body the channel is that of the measured walks (channel.py).
AT_1M_DBM, EXPONENT = (-60.0, -55.0), (2.8, 3.4)
SCANNER_ABOVE_PHONE_M = 1.5
SHADOW_DB, SHADOW_LENGTH_M = (2.0, 3.0), (1.5, 3.0)
SCANNER_OFFSET_DB, PHONE_OFFSET_DB = 1.0, 3.0
RICIAN_K_DB, K_LOST_PER_WALL_DB, LEAST_K_DB = 8.0, 0.5, 0.0  # K falls with the dB of wall on the line
FADING_LENGTH_M, FADING_TIME_S = 0.06, 3.0  # half a wavelength; hands and people move
SENSITIVITY_DBM, SENSITIVITY_SLOPE_DB = (-97.0, -94.0), 1.2  # half of the packets are lost there
HOPELESS_DB = 12.0  # so far below the sensitivity nothing is tried
COLLISIONS = (0.04, 0.14)
CROWD_PER_M2, BODY_WIDTH_M, BODY_DB, BODY_STAYS_S = (0.0, 0.06), 0.45, 3.0, 1.5

# Where the phone is: (least loss, loss of the direct ray when the body is right between, where it sits seen from the
# heading).
CARRYING = {"hand": (0.0, 8.0, 0.0), "chest-pocket": (1.0, 10.0, 0.0), "back-pocket": (2.0, 12.0, math.pi),
            "bag": (3.0, 7.0, math.pi / 2)}


class Air:
    """The channel of one shop: a mean level and a Rician K for each scanner over the floor."""

    def __init__(self, rng, plan, margin_m, street_m):
        self.plan = plan
        self.at_1m, self.exponent = rng.uniform(*AT_1M_DBM), rng.uniform(*EXPONENT)
        self.sensitivity, self.collisions = rng.uniform(*SENSITIVITY_DBM), rng.uniform(*COLLISIONS)
        self.crowd = rng.uniform(*CROWD_PER_M2)
        self.x0, self.y0 = plan.left - margin_m, street_m
        self.columns = int((plan.right + margin_m - self.x0) / GRID_M) + 2
        self.rows = int((plan.depth + 1 - self.y0) / GRID_M) + 2
        shadow_db, shadow_m = rng.uniform(*SHADOW_DB), rng.uniform(*SHADOW_LENGTH_M)
        self.fields = [self._field(rng, x, y, shadow_db, shadow_m) for x, y, _ in plan.scanners]

    def _field(self, rng, sx, sy, shadow_db, shadow_m):
        """[column][row] of (level, K). Shadowing as a product of two first-order processes, along x and along y."""
        keep = math.exp(-GRID_M / shadow_m)
        fresh = shadow_db * (1 - keep * keep)
        edge = shadow_db * math.sqrt(1 - keep * keep)
        offset = rng.gauss(0, SCANNER_OFFSET_DB)
        shadow, field = [], []
        for i in range(self.columns):
            column, cells = [], []
            for j in range(self.rows):
                if i and j:
                    value = (keep * (shadow[-1][j] + column[-1]) - keep * keep * shadow[-1][j - 1] +
                             fresh * rng.gauss(0, 1))
                elif i or j:
                    value = keep * (shadow[-1][j] if i else column[-1]) + edge * rng.gauss(0, 1)
                else:
                    value = shadow_db * rng.gauss(0, 1)
                column.append(value)
                x, y = self.x0 + i * GRID_M, self.y0 + j * GRID_M
                walls = self.wall_loss(x, y, sx, sy)
                distance = max(1.0, math.hypot(x - sx, y - sy, SCANNER_ABOVE_PHONE_M))
                level = self.at_1m - 10 * self.exponent * math.log10(distance) - walls + value + offset
                cells.append((level, max(LEAST_K_DB, RICIAN_K_DB - K_LOST_PER_WALL_DB * walls)))
            shadow.append(column)
            field.append(cells)
        return field

    def wall_loss(self, x, y, sx, sy):
        total = 0.0
        for ax, ay, bx, by, loss, _ in self.plan.lines:
            side_a = (sx - x) * (ay - y) - (sy - y) * (ax - x)
            side_b = (sx - x) * (by - y) - (sy - y) * (bx - x)
            if side_a * side_b < 0:
                side_p = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
                side_s = (bx - ax) * (sy - ay) - (by - ay) * (sx - ax)
                if side_p * side_s < 0:
                    total += loss
        return total

    def levels(self, rng, trace, offset):
        """For each scanner: [(mean level, K as a ratio)] along a trace, body and crowd included."""
        stays = math.exp(-STEP_S / BODY_STAYS_S)
        for (sx, sy, _), field in zip(self.plan.scanners, self.fields):
            bodies, along = 0, []
            for (x, y), heading, carrying in zip(trace.places, trace.headings, trace.carrying):
                least, behind, sits = CARRYING[carrying]
                u, v = (x - self.x0) / GRID_M, (y - self.y0) / GRID_M
                i, j = min(max(int(u), 0), self.columns - 2), min(max(int(v), 0), self.rows - 2)
                u, v = min(max(u - i, 0.0), 1.0), min(max(v - j, 0.0), 1.0)
                (a, ka), (b, _), (c, _), (d, _) = field[i][j], field[i + 1][j], field[i][j + 1], field[i + 1][j + 1]
                level = (a * (1 - u) + b * u) * (1 - v) + (c * (1 - u) + d * u) * v
                angle = math.atan2(sy - y, sx - x) - heading - sits
                blocked = behind * ((1 - math.cos(angle)) / 2) ** 2  # a sector, about 130 degrees wide
                bodies = sum(rng.random() < stays for _ in range(bodies))
                expected = self.crowd * BODY_WIDTH_M * math.hypot(x - sx, y - sy) * (1 - stays)
                while rng.random() < expected:  # two at once are rare enough
                    bodies += 1
                    expected /= 2
                clear = 10 ** (ka / 10)
                k = clear * 10 ** (-(blocked + BODY_DB * bodies) / 10)
                along.append((level + offset - least + 10 * math.log10((k + 1) / (clear + 1)), k))
            yield along


class Fading:
    """Rician fading of one sender at one scanner, on three channels."""

    def __init__(self, rng):
        self.rng = rng
        self.states = [(rng.gauss(0, 1), rng.gauss(0, 1), 0.0, 0.0) for _ in range(3)]

    def db(self, channel, k, second, walked):
        real, imaginary, last_second, last_walked = self.states[channel]
        keep = math.exp(-(walked - last_walked) / FADING_LENGTH_M - (second - last_second) / FADING_TIME_S)
        fresh = math.sqrt(1 - keep * keep)
        real, imaginary = keep * real + fresh * self.rng.gauss(0, 1), keep * imaginary + fresh * self.rng.gauss(0, 1)
        self.states[channel] = real, imaginary, second, walked
        steady, scattered = math.sqrt(k / (k + 1)), math.sqrt(0.5 / (k + 1))
        power = (steady + scattered * real) ** 2 + (scattered * imaginary) ** 2
        return 10 * math.log10(max(power, 1e-6))


def lost(rng, level, sensitivity):
    return rng.random() >= 1 / (1 + math.exp(-(level - sensitivity) / SENSITIVITY_SLOPE_DB))
