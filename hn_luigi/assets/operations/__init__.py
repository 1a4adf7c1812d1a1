"""Looking after assets, whatever they are: all that tools need beside ``hn_luigi.assets``."""

from hn_luigi.assets import formats, window
from hn_luigi.assets.catalog import document
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.failure import Failure
from hn_luigi.assets.catalog.layout_version import require_usable
from hn_luigi.assets.catalog.partition import data_version_of
from hn_luigi.assets.catalog.paths import snake_case
from hn_luigi.assets.catalog.record import Record, is_run_id, is_text, is_timestamp
from hn_luigi.assets.definition import is_asset
from hn_luigi.assets.errors import (
    FileUnavailable,
    FormatError,
    InputMissing,
    SettingError,
    StorageError,
    WindowClosed,
    in_words,
)
from hn_luigi.assets.execution.current_run import (
    RUN_VARIABLE,
    STARTED_BY_VARIABLE,
    new_run_id,
    run_of_command,
)
from hn_luigi.assets.freshness import Lag
from hn_luigi.assets.luigi_internals.command_line import refuse
from hn_luigi.assets.luigi_internals.luigi_run import (
    RunOutcome,
    exit_code,
    is_given,
    luigi_flags,
    run_task,
    set_defaults,
)
from hn_luigi.assets.luigi_internals.parameter_values import is_private
from hn_luigi.assets.luigi_internals.scheduling import ids_at_scheduler
from hn_luigi.assets.luigi_internals.step_events import (
    MAKING,
    WAITING,
    event_handlers,
    warnings_told,
)
from hn_luigi.assets.luigi_internals.task_class import ResolvedOnce
from hn_luigi.assets.luigi_internals.task_flags import (
    flags_of,
    private_flags_of,
    task_with,
    values_in,
)
from hn_luigi.assets.operations.backfill import Backfill, backfill_of, rebuild
from hn_luigi.assets.operations.consecutive_failures import (
    ConsecutiveFailures,
    status_with_failures,
)
from hn_luigi.assets.operations.history import (
    Event,
    events_of,
    events_of_window,
    first_window,
    windows_beside,
)
from hn_luigi.assets.operations.invalidate import (
    invalidate_asset,
    remake_asset,
    why_unmakable,
)
from hn_luigi.assets.operations.prune import Pruned, prune_windows
from hn_luigi.assets.operations.remove import remove_asset
from hn_luigi.assets.operations.reported import rows_of, skipped_of, values_over_time
from hn_luigi.assets.operations.runs import (
    RecordedRun,
    RecordedRuns,
    StepOfRun,
    recorded_runs,
)
from hn_luigi.assets.operations.status import AssetStatus, lag_of, last_failure_since, status_of
from hn_luigi.assets.operations.stored_assets import (
    KnownAsset,
    StoredAsset,
    assets_under,
    is_called,
    made_by_none,
    place_of,
    stored_in,
    with_stored,
)
from hn_luigi.assets.operations.stored_checks import CheckedWindow, CheckResult, check_stored
from hn_luigi.assets.operations.verify import Verification, verify_outputs
from hn_luigi.assets.operations.view import view_of
from hn_luigi.assets.operations.window_status import (
    WindowStatus,
    failures_behind,
    given_up_at,
    status_of_windows,
)
from hn_luigi.assets.parameters.assets_section import assets
from hn_luigi.assets.parameters.overrides import (
    inherit_overrides,
    override,
    overrides_for_child,
)
from hn_luigi.assets.parameters.sections import check_section, check_settings
from hn_luigi.assets.parameters.window_parameter import LATEST, time_of
from hn_luigi.assets.secrets import scheduler_token
from hn_luigi.assets.secrets.log_masking import mask_secrets, masked
from hn_luigi.assets.staleness.evaluate import Category, Cause, Staleness, State
from hn_luigi.assets.staleness.latest import newest_start
from hn_luigi.assets.staleness.plan import Plan, Step, steps_to
from hn_luigi.assets.staleness.required import inputs_of, sources_of
from hn_luigi.assets.storage import (
    FileKey,
    cached_requests,
    local_notes,
    root_store,
    staging,
    storage,
)
from hn_luigi.assets.storage.replace import replacing
from hn_luigi.assets.window import CLOCKS_DIFFER, Timestamp, WindowName
from hn_luigi.assets.window_length import NO_WINDOW, WindowLength

__all__ = [
    "CLOCKS_DIFFER",
    "LATEST",
    "MAKING",
    "NO_WINDOW",
    "RUN_VARIABLE",
    "STARTED_BY_VARIABLE",
    "WAITING",
    "AssetStatus",
    "Backfill",
    "Category",
    "Cause",
    "CheckResult",
    "CheckedWindow",
    "ConsecutiveFailures",
    "Dataset",
    "Event",
    "Failure",
    "FileKey",
    "FileUnavailable",
    "FormatError",
    "InputMissing",
    "KnownAsset",
    "Lag",
    "Plan",
    "Pruned",
    "Record",
    "RecordedRun",
    "RecordedRuns",
    "ResolvedOnce",
    "RunOutcome",
    "SettingError",
    "Staleness",
    "State",
    "Step",
    "StepOfRun",
    "StorageError",
    "StoredAsset",
    "Timestamp",
    "Verification",
    "WindowClosed",
    "WindowLength",
    "WindowName",
    "WindowStatus",
    "assets",
    "assets_under",
    "backfill_of",
    "cached_requests",
    "check_section",
    "check_settings",
    "check_stored",
    "data_version_of",
    "document",
    "event_handlers",
    "events_of",
    "events_of_window",
    "exit_code",
    "failures_behind",
    "first_window",
    "flags_of",
    "formats",
    "given_up_at",
    "ids_at_scheduler",
    "in_words",
    "inherit_overrides",
    "inputs_of",
    "invalidate_asset",
    "is_asset",
    "is_called",
    "is_given",
    "is_private",
    "is_run_id",
    "is_text",
    "is_timestamp",
    "lag_of",
    "last_failure_since",
    "local_notes",
    "luigi_flags",
    "made_by_none",
    "mask_secrets",
    "masked",
    "new_run_id",
    "newest_start",
    "override",
    "overrides_for_child",
    "place_of",
    "private_flags_of",
    "prune_windows",
    "rebuild",
    "recorded_runs",
    "refuse",
    "remake_asset",
    "remove_asset",
    "replacing",
    "require_usable",
    "root_store",
    "rows_of",
    "run_of_command",
    "run_task",
    "scheduler_token",
    "set_defaults",
    "skipped_of",
    "snake_case",
    "sources_of",
    "staging",
    "status_of",
    "status_of_windows",
    "status_with_failures",
    "steps_to",
    "storage",
    "stored_in",
    "task_with",
    "time_of",
    "values_in",
    "values_over_time",
    "verify_outputs",
    "view_of",
    "warnings_told",
    "why_unmakable",
    "window",
    "windows_beside",
    "with_stored",
]
