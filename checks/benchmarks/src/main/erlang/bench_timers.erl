%% The operations on timers.
-module(bench_timers).
-export([run/2]).
-import(bench, [each/3, equal/2, percentiles/1]).

-define(SECOND, 1000000000).
-define(EACH, 2000). % timers per second
-define(GAP, 500000). % between two of them, in ns

%% Returns none if the operation is not one of these.
run(timer, T) ->
    each(100000, T, fun(N) -> cancel(arm(N)) end);
run('timers-million', {WarmUp, Time}) ->
    million(now_ns() + WarmUp, 0, 0, 0),
    {Count, Arming, Cancelling} = million(now_ns() + Time, 0, 0, 0),
    [{"arm", Arming / Count}, {"cancel", Cancelling / Count}];
run('timer-accuracy', {_, Time}) ->
    second(1),
    Late = [second(Seed) || Seed <- lists:seq(2, max(2, Time div ?SECOND + 1))],
    percentiles(lists:append(Late));
run(_, _) -> none.

now_ns() -> erlang:monotonic_time(nanosecond).

arm(N) ->
    Self = self(),
    [erlang:send_after((60 + I rem 60) * 1000, Self, 'end') || I <- lists:seq(1, N)].

cancel(Armed) ->
    Left = [Timer || Timer <- Armed, is_integer(erlang:cancel_timer(Timer))],
    equal(length(Armed), length(Left)).

million(End, Count, Arming, Cancelling) ->
    Start = now_ns(),
    Armed = arm(1000000),
    Middle = now_ns(),
    cancel(Armed),
    Now = now_ns(),
    Sum = {Count + 1000000, Arming + Middle - Start, Cancelling + Now - Middle},
    case Now < End of
        true -> million(End, element(1, Sum), element(2, Sum), element(3, Sum));
        false -> Sum
    end.

%% Returns how late each timer of one second reached a process of its own.
second(Seed) ->
    rand:seed(exsss, Seed),
    Self = self(),
    Process = spawn_link(fun() -> Self ! {late, late(?EACH, [])} end),
    arm_evenly(now_ns(), 0, Process),
    receive {late, Late} ->
        true = lists:all(fun(Each) -> Each >= 0 end, Late),
        Late
    end.

arm_evenly(_, ?EACH, _) -> ok;
arm_evenly(Begin, I, Process) ->
    case now_ns() - Begin >= I * ?GAP of
        true ->
            Millis = rand:uniform(100),
            erlang:send_after(Millis, Process, {due, now_ns() + Millis * 1000000}),
            arm_evenly(Begin, I + 1, Process);
        false ->
            receive after 1 -> arm_evenly(Begin, I, Process) end
    end.

late(0, Late) -> Late;
late(N, Late) ->
    receive {due, Due} -> late(N - 1, [now_ns() - Due | Late]) end.
