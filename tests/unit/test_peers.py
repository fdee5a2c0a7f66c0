"""Where the service that Nightshift replaces for programs (OpenAI Batch Manager) fails: each failure about intake, batches and delivery has
tests that are named after it, or say it in their first sentence. This is the list; what is no longer there fails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).resolve().parents[1]
FAILURES: Final = {
    "poison messages requeue without end": (
        "rabbit/test_intake.py::test_poison_messages_do_not_requeue_without_end",
        "rabbit/test_relay.py::test_poison_messages_do_not_requeue_without_end",
        "unit/services/programs/test_rabbit_consumer.py::test_acknowledged_means_stored",
    ),
    "no bulk import": ("unit/gateway/mailbox/test_intake.py::test_no_bulk_import",),
    "no login, open to the network": (
        "unit/gateway/http/test_security.py::test_no_login_open_to_the_network",
        "unit/tools/test_container.py::test_the_container_does_not_start_open_to_the_network_without_a_token",
    ),
    "one delivery try only": (
        "unit/core/programs/test_delivery.py::test_one_delivery_try_only_is_not_all",
        "unit/services/programs/test_outbox.py::test_500_then_200_is_one_delivery_with_one_key",
        "e2e/test_programs.py::test_results_reach_webhooks_that_fail_in_every_way",
    ),
    "no webhook signature": (
        "unit/services/programs/test_outbox.py::test_no_webhook_signature",
        "e2e/test_programs.py::test_results_reach_webhooks_that_fail_in_every_way",
    ),
    "failed, expired and cancelled requests are never delivered, so callers wait for ever": (
        "unit/services/programs/test_outbox.py::test_failures_are_delivered_so_that_no_caller_waits_for_ever",
        "unit/services/programs/test_outbox.py::test_a_cancelled_batch_tells_every_program",
        "unit/services/programs/test_outbox.py::test_a_batch_that_failed_as_a_whole_tells_every_program",
        "unit/gateway/mailbox/test_pages.py::test_failed_expired_and_cancelled_requests_are_never_delivered_so_callers_wait_for_ever",
    ),
    "restart repeats delivered rows and pays twice": (
        "unit/services/programs/test_outbox.py::test_restart_repeats_delivered_rows_and_pays_twice",
        "unit/services/batches/test_resend.py::test_peer_b_a_restart_repeats_nothing_that_was_answered",
    ),
    "partial results of a cancelled batch are thrown away": (
        "unit/services/programs/test_outbox.py::test_a_cancelled_batch_tells_every_program",
        "unit/gateway/sdk/test_provider.py::test_partial_results_of_a_cancelled_batch_are_thrown_away",
        "unit/services/batches/test_resend.py::test_peer_b_partial_results_of_a_cancelled_batch_are_kept_and_the_rest_stays",
    ),
    "retention deletes undelivered results": (
        "unit/gateway/mailbox/test_database.py::test_retention_deletes_undelivered_results",
        "unit/services/batches/test_retention.py::test_retention_deletes_no_undelivered_result",
    ),
    "rows reported as batch_expired in the error file are marked failed instead of sent again": (
        "unit/core/openai/test_traps_contract.py::test_peer_b_rows_reported_as_batch_expired_are_marked_failed",
        "unit/services/batches/test_resend.py::test_peer_b_rows_reported_as_batch_expired_are_sent_again_not_marked_failed",
    ),
    "the back-off counter never rises": (
        "unit/core/openai/test_traps_contract.py::test_peer_b_the_back_off_counter_never_rises",
        "unit/services/batches/test_allocator.py::test_the_backoff_counter_rises_and_then_the_person_is_asked",
    ),
    "a batch cancelled at the provider is polled for ever": (
        "unit/core/openai/test_traps_contract.py::test_peer_b_a_batch_cancelled_at_the_provider_is_polled_for_ever",
    ),
    "missing usage crashes it": ("unit/core/openai/test_traps_contract.py::test_peer_b_missing_usage_crashes_it",),
    "one server_error row can fail a good batch, with no cap on re-runs": (
        "unit/core/openai/test_traps_contract.py::test_peer_b_one_server_error_row_can_fail_a_good_batch",
        "unit/services/batches/test_resend.py::test_peer_b_one_server_error_row_is_sent_again_and_not_for_ever",
    ),
    "a transient error at create can make two batches": (
        "unit/core/openai/test_traps_contract.py::test_peer_b_a_transient_error_at_create_can_make_two_batches",
    ),
    "upload and create errors are invisible": (
        "unit/core/openai/test_traps_contract.py::test_peer_b_upload_and_create_errors_are_invisible",
    ),
}
"""The failure in the words in which it was found, and the tests that it does not happen here."""


@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_has_its_tests(failure: str) -> None:
    """They are where the list says."""
    for place in FAILURES[failure]:
        file, _, name = place.partition("::")
        assert re.search(rf"^(async )?def {name}\(", (TESTS / file).read_text(), re.MULTILINE), place
