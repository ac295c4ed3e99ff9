package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import java.util.HashMap;
import java.util.Map;

final class Room implements GenServer<Ok, Map<Ref, Pid>, Room.Join, Room.Post> {

    record Join(Pid member) implements Call<Integer> {}

    record Post(String text) {}

    @Override
    public Init<Map<Ref, Pid>> init(Ok ok) {
        return Init.ok(new HashMap<>());
    }

    @Override
    public CallResult<Map<Ref, Pid>> handleCall(Join join, From from, Map<Ref, Pid> members) {
        members.put(Processes.monitor(join.member()), join.member());
        return reply(join, members.size(), members);
    }

    @Override
    public CastResult<Map<Ref, Pid>> handleCast(Post post, Map<Ref, Pid> members) {
        members.values().forEach(member -> Processes.send(member, post));
        return noreply(members);
    }

    @Override
    public CastResult<Map<Ref, Pid>> handleInfo(Object message, Map<Ref, Pid> members)
            throws Exception {
        if (message instanceof Down down) {
            members.remove(down.ref());
            return noreply(members);
        }
        return GenServer.super.handleInfo(message, members);
    }
}
