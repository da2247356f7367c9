"""Camera clips of real faces that come and go on a script, with the truth beside each.

    python -m benchmarks.make_scenes --people DIR --out DIR [--seeds 20] [--seconds 60] [--strangers 1] …

DIR of --people holds one folder of photos a person. The first three photos of each employee are left for
enrolment, so nobody is recognised in a photo he was enrolled from. Every person plays the stranger in turn.
Each seed makes OUT/seed-NN/clip.mp4 and truth.json; the same arguments make the same scenes.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.scene_clip import Truth, write_scene
from benchmarks.scene_plan import SceneOptions, cast, people_photos, plan


def seed_folder(out: Path, seed: int) -> Path:
    return out / f"seed-{seed:02d}"


def make_scene(people: Path, out: Path, options: SceneOptions, seed: int) -> Truth:
    """One scene below `out`. Raises ValueError when the people's folder does not do."""
    actors = cast(people_photos(people), seed, options.strangers)
    script = plan(actors, options, seed)
    return write_scene(seed_folder(out, seed), people, actors, script, options, seed)


def add_scene_arguments(parser: argparse.ArgumentParser) -> None:
    plain = SceneOptions()
    parser.add_argument(
        "--people", type=Path, required=True, help="a folder with one folder of photos a person"
    )
    parser.add_argument("--out", type=Path, required=True, help="where the clips go")
    parser.add_argument("--seeds", type=int, default=20, help="how many scenes, from seed 1 on")
    parser.add_argument("--seconds", type=float, default=plain.seconds)
    parser.add_argument(
        "--strangers", type=int, default=plain.strangers, help="people who are never enrolled"
    )
    parser.add_argument(
        "--visits", type=int, default=plain.visits, help="visits a person, as far as they fit"
    )
    parser.add_argument("--size", type=_pair("x"), default=(plain.width_px, plain.height_px), metavar="WxH")
    parser.add_argument(
        "--face", type=_pair("-"), default=plain.face_px, metavar="MIN-MAX", help="face width, px"
    )
    parser.add_argument(
        "--face-share", type=float, default=plain.face_share, help="face's part of a photo's width"
    )
    parser.add_argument(
        "--walk-share", type=float, default=plain.walk_share, help="part of visits that walk in"
    )
    parser.add_argument("--fps", type=int, default=plain.fps)


def scene_options(arguments: argparse.Namespace) -> SceneOptions:
    return SceneOptions(
        seconds=arguments.seconds,
        width_px=arguments.size[0],
        height_px=arguments.size[1],
        fps=arguments.fps,
        strangers=arguments.strangers,
        visits=arguments.visits,
        face_px=arguments.face,
        face_share=arguments.face_share,
        walk_share=arguments.walk_share,
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_scene_arguments(parser)
    arguments = parser.parse_args(argv)
    for seed in range(1, arguments.seeds + 1):
        try:
            truth = make_scene(arguments.people, arguments.out, scene_options(arguments), seed)
        except ValueError as error:
            print(f"make_scenes: {error}", file=sys.stderr)
            return 2
        print(f"{seed_folder(arguments.out, seed)}: {len(truth.visits)} visits in {truth.seconds:.0f} s")
    return 0


def _pair(separator: str) -> Callable[[str], tuple[int, int]]:
    """Two whole numbers with a separator, as a type of argparse."""

    def pair(text: str) -> tuple[int, int]:
        first, second = text.split(separator)
        return int(first), int(second)

    return pair


if __name__ == "__main__":
    sys.exit(main())
