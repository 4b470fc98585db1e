using System.Security.Cryptography;

namespace Samovar.Dashboard.Access;

/// <summary>The tokens of one dashboard: launch tokens, each of which can be exchanged once, and sessions, which are valid as long as this process runs.
/// Thread-safe.</summary>
/// <remarks>Only hashes are kept, and looked up by hash, so that the time of a lookup reveals nothing about a token.</remarks>
internal sealed class AccessTokens
{
    private const int TokenBytes = 24;
    private const int MostLaunches = 16;
    private const int MostSessions = 256;

    private readonly Lock _gate = new();
    private readonly Queue<string> _launches = []; // oldest first
    private readonly Queue<string> _sessions = []; // oldest first

    /// <summary>Creates a launch token. Of too many unused ones, the oldest becomes invalid.</summary>
    public string CreateLaunch()
    {
        string token = NewToken();
        lock (_gate) AddLocked(_launches, token, MostLaunches);
        return token;
    }

    /// <summary>Exchanges a launch token for a session. Returns null if the token is unknown or was used before.</summary>
    public string? TryExchange(string launch)
    {
        string hash = Hash(launch), session = NewToken();
        lock (_gate)
        {
            if (!_launches.Contains(hash)) return null;
            string[] others = [.. _launches.Where(other => other != hash)];
            _launches.Clear();
            foreach (string other in others) _launches.Enqueue(other);
            AddLocked(_sessions, session, MostSessions);
        }

        return session;
    }

    /// <summary>Returns whether a session is valid.</summary>
    public bool IsSession(string session)
    {
        string hash = Hash(session);
        lock (_gate) return _sessions.Contains(hash);
    }

    private static void AddLocked(Queue<string> tokens, string token, int most)
    {
        if (tokens.Count == most) tokens.Dequeue();
        tokens.Enqueue(Hash(token));
    }

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));

    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));
}
