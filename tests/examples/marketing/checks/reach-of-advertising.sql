-- People, whom only the platform knows, of months; impressions for each of them
-- by: month, entity_level, entity
select covers_from as month, entity_level, entity_id as entity, reach as ad_people_reached,
       unique_clickers / cast(reach as double) as ctr_unique_reach, impressions / cast(reach as double) as ad_frequency
from marketing.ad_reach where extract(day from covers_from) = 1 and covers_until = covers_from + interval 1 month
