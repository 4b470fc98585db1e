namespace Samovar.Cluster.Protocol;

/// <summary>Checks that messages that leave the machine are signed.</summary>
internal static class KeyRequirement
{
    /// <exception cref="InvalidOperationException">The transport is not local, and there are no keys.</exception>
    public static void Check(ClusterTransport transport, ClusterKeys? keys, string option)
    {
        if (keys is not null || transport.IsLocal) return;
        throw new InvalidOperationException(
            $"The cluster at {transport.Endpoint} needs a key, because its messages leave this machine and carry code to run: set {option} "
            + "to the same ClusterKeys on every member.");
    }
}
