select id as "id!", name as "name!", environment_id as "environment!", origin = 'file' as "of_file!", capture as "capture!",
       paused or orphan as "stands_still!"
from source
order by id
