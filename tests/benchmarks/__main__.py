"""`make bench`: run every measurement, or those named; show them, and write docs/performance.md when all were run."""

import argparse
import sys
import time

from tests.benchmarks import closing, importing, report, sales, scans, searching, starting, year

MEASUREMENTS = {
    "scans": scans,
    "starting": starting,
    "sales": sales,
    "importing": importing,
    "searching": searching,
    "closing": closing,
    "year": year,
}


def main() -> int:
    """Exit code 0 whatever the figures are: a busy machine must not fail anybody's work."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], help="which ones (all)")
    parser.add_argument("--quick", action="store_true", help="smaller, under a minute; writes no page")
    arguments = parser.parse_args()
    names = arguments.names or list(MEASUREMENTS)
    rows: list[report.Figure] = []
    for name in names:
        begun_s = time.perf_counter()
        rows += _measured(name, arguments.quick)
        print(f"{name}: {time.perf_counter() - begun_s:.0f} s", file=sys.stderr)
    report.show(rows)
    if not arguments.names and not arguments.quick:
        report.write(rows, [(name, module.HOW) for name, module in MEASUREMENTS.items()])
        print(f"written: {report.PAGE}")
    return 0


def _measured(name: str, quick: bool) -> list[report.Figure]:
    try:
        figures: list[report.Figure] = MEASUREMENTS[name].measure(quick)
        return figures
    except Exception as error:
        return [
            report.Figure(
                f"{name} could not be measured: {type(error).__name__}: {error}"[:300], "", ok=False
            )
        ]


if __name__ == "__main__":
    sys.exit(main())
