/// <summary>The work of one job: replace it with yours. It runs in a worker process.</summary>
internal static class Job
{
    public static string Run(int number)
    {
        int limit = 1_000_000 + number;
        int primes = Enumerable.Range(2, limit - 2).Count(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0));
        return $"{primes} primes below {limit}, counted by process {Environment.ProcessId}";
    }
}
