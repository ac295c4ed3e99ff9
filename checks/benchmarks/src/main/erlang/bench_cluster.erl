%% Two nodes of the BEAM, as ClusterClient has them.
-module(bench_cluster).
-behaviour(gen_server).
-export([server/0, client/1, init/1, handle_call/3, handle_cast/2, handle_info/2]).

server() ->
    {ok, _} = gen_server:start({local, far}, ?MODULE, [], []),
    io:format("ready~n"),
    receive stop -> ok end.

init([]) -> {ok, 0}.

handle_call({echo, Payload}, _From, Arrived) -> {reply, Payload, Arrived};
handle_call(arrived, _From, Arrived) -> {reply, Arrived, 0}.

handle_cast(_, Arrived) -> {noreply, Arrived}.

handle_info({numbered, Arrived, _Payload}, Arrived) -> {noreply, Arrived + 1};
handle_info(_, Arrived) -> {noreply, Arrived}.

client([Server, "cut"]) ->
    Far = {far, list_to_atom(Server)},
    await_server(Far),
    await_down(Far),
    await_server(Far),
    io:format("together~n"),
    halt();
client([Server, Messages]) ->
    Far = {far, list_to_atom(Server)},
    Count = list_to_integer(Messages),
    Calls = max(64, Count div 15),
    Payload = binary:copy(<<0>>, 100),
    await_server(Far),
    round_trips(Far, Payload, Calls),
    stream(Far, Payload, Count),
    calls(Far, Payload, Calls),
    Times = lists:sort(round_trips(Far, Payload, Calls)),
    Stream = stream(Far, Payload, Count),
    Rate = calls(Far, Payload, Calls * 3),
    io:format("figures ~.1f ~.1f ~.1f ~.1f~n",
              [lists:nth(Calls div 2 + 1, Times) / 1000,
               lists:nth(Calls * 99 div 100 + 1, Times) / 1000, Stream, Rate]),
    await_down(Far),
    halt().

await_down(Far) ->
    Ref = erlang:monitor(process, Far),
    <<>> = gen_server:call(Far, {echo, <<>>}),
    io:format("monitoring~n"),
    receive {'DOWN', Ref, _, _, _} -> io:format("down~n") end.

await_server(Far) ->
    case catch gen_server:call(Far, arrived) of
        0 -> ok;
        {'EXIT', _} -> timer:sleep(10), await_server(Far)
    end.

round_trips(Far, Payload, Count) ->
    [begin
         Start = erlang:monotonic_time(nanosecond),
         Payload = gen_server:call(Far, {echo, Payload}),
         erlang:monotonic_time(nanosecond) - Start
     end || _ <- lists:seq(1, Count)].

stream(Far, Payload, Count) ->
    Start = erlang:monotonic_time(nanosecond),
    [Far ! {numbered, N, Payload} || N <- lists:seq(0, Count - 1)],
    Count = gen_server:call(Far, arrived, infinity),
    rate(Count, Start).

calls(Far, Payload, Total) ->
    Start = erlang:monotonic_time(nanosecond),
    Each = Total div 64,
    Processes = [spawn_monitor(fun() -> round_trips(Far, Payload, Each) end)
                 || _ <- lists:seq(1, 64)],
    [receive {'DOWN', Ref, _, _, normal} -> ok end || {_, Ref} <- Processes],
    rate(Each * 64, Start).

rate(Count, Start) ->
    Count * 1.0e9 / (erlang:monotonic_time(nanosecond) - Start).
